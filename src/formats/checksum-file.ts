/** `.CHECKSUM` files, as Binance puts them beside its archives: `<sha256>  <name>`. */
import { AtcError } from '../errors.js';
import { createHash } from '../io/crypto.js';
import { readTextFile } from '../io/path-kind.js';
import { fileBytes } from '../io/source-bytes.js';

/** CORRUPT when the file beside it gives another sum, or when there is none. */
export async function requireChecksum(path: string): Promise<void> {
  const text = readTextFile(`${path}.CHECKSUM`);
  const wanted = /^([0-9a-f]{64})\b/i.exec(text ?? '')?.[1];
  if (wanted === undefined) {
    throw new AtcError(
      'CORRUPT',
      `${path}: there is no SHA-256 in ${path}.CHECKSUM; leave --checksums out to read it without`,
      { path },
    );
  }
  const hash = createHash('sha256');
  for await (const bytes of fileBytes(path)) hash.update(bytes);
  const found = hash.digest('hex');
  if (found === wanted.toLowerCase()) return;
  throw new AtcError(
    'CORRUPT',
    `${path}: its SHA-256 is ${found}, ${path}.CHECKSUM says ${wanted}; download it again`,
    { path },
  );
}
