/**
 * Pickles of Python: recognised, to say what to do instead. They are never loaded, as loading one runs the code that it
 * names.
 */
import { AtcError } from '../../errors.js';

export function pickleRefused(path: string): AtcError {
  const what = `${path} is a pickle of Python, which is never loaded: loading one runs whatever code it names`;
  return new AtcError(
    'UNSUPPORTED',
    `${what}; in Python, load it once if you trust it, and write the rows as Parquet or CSV: ` +
      'pandas.read_pickle(name).to_parquet(…)',
    { path, offset: 0 },
  );
}
