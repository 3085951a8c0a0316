/** Candles of a symbol come from one source and have one interval: the directory of its pages says which. */
import path from 'node:path';
import { isSeriesFile } from '../candle-store/series-listing.js';
import { decodePart, type SeriesName } from '../candle-store/series-path.js';
import { AtcError } from '../errors.js';
import { writeFileAtomicSync } from '../io/atomic-file.js';
import { entryNames } from '../io/directory-entries.js';

/** Says that candles of this source and interval are in the dataset. */
const MARK = 'in-dataset';

/** Called before the first candles of a series go into the dataset: as they do, the mark survives a power cut. */
export function markSource(directory: string): void {
  if (!entryNames(directory).files.includes(MARK)) writeFileAtomicSync(path.join(directory, MARK), '');
}

/** ARGUMENT when the symbol was fetched from another source, or with another interval. */
export function requireSource(root: string, wanted: SeriesName): void {
  for (const exchange of entryNames(root).directories) {
    for (const symbol of entryNames(path.join(root, exchange)).directories) {
      if (decodePart(symbol) !== wanted.symbol) continue;
      for (const interval of entryNames(path.join(root, exchange, symbol)).directories) {
        const [source, length] = [decodePart(exchange), decodePart(interval)];
        if (source === wanted.exchange && length === wanted.interval) continue;
        const { files } = entryNames(path.join(root, exchange, symbol, interval));
        // A run that came to nothing leaves no files.
        if (!files.includes(MARK) && !files.some(isSeriesFile)) continue;
        const message =
          `${path.dirname(root)} has ${wanted.symbol} from ${source}, ${length}; ` +
          `candles from ${wanted.exchange}, ${wanted.interval}, need a directory of their own`;
        throw new AtcError('ARGUMENT', message, { path: path.dirname(root) });
      }
    }
  }
}
