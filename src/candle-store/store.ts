/** A directory of candle series. One store per directory and process; its series share one bounded cache of blocks. */

import path from 'node:path';
import { requireByteCount, requireOptions, requirePath } from '../arguments.js';
import type { CompressionAlgorithm } from '../codec/codec.js';
import { resolveCompression } from '../codec/compression-options.js';
import { AtcError, shown } from '../errors.js';
import { emitMemoryEvent } from '../events.js';
import { entryNames } from '../io/directory-entries.js';
import type { Durability } from '../io/durability.js';
import type { MappingBackendChoice } from '../io/select-backend.js';
import { BlockCache } from './block-cache.js';
import type { SegmentLayout } from './candle-segment-writer.js';
import { JsonCandles } from './json-candles.js';
import { CandleSeries } from './series.js';
import type { SeriesSettings } from './series-files.js';
import { isSeriesFile } from './series-listing.js';
import { decodePart, type SeriesName, seriesPath } from './series-path.js';

/** How candles are stored. */
export interface CandleStoreOptions {
  /** Layout of sealed candles: compressed (default), or plain numbers behind a memory map. */
  readonly layout?: SegmentLayout;
  /** Of packed ones: 0 stores, 9 is the smallest. Default 5. */
  readonly level?: number;
  /** Of sealed blocks. Default 'auto'. */
  readonly algorithm?: CompressionAlgorithm;
  /** Of mapped blocks. Default 'auto'. */
  readonly mappingBackend?: MappingBackendChoice;
  /** Most bytes of candles in memory, all series together, journals left out. Default 8 MiB. */
  readonly maxBytes?: number;
  /**
   * 'process' (default): written candles survive the death of the process; they can be fetched again. 'power': `flush`
   * and segments wait for the disk.
   */
  readonly durability?: Durability;
  /** Rows that a journal gathers before they become a segment. Default 4,096. */
  readonly sealRows?: number;
  /** A directory with one JSON file per candle (`<exchange>/<symbol>/<interval>/<ms>.json`) that was written before. */
  readonly jsonDirectory?: string;
  /** Named in events. Default 'candles'. */
  readonly service?: string;
}

/** Series that hold their journal open; the one used longest ago is closed for the next. */
const MAX_OPEN_SERIES = 128;

/** Opens a store. Nothing is created, and nothing read, before a series is used. */
export function openCandleStore(directory: string, options: CandleStoreOptions = {}): CandleStore {
  requirePath(directory, 'openCandleStore: directory');
  requireOptions(options, 'openCandleStore');
  return new CandleStore(path.resolve(directory), options);
}

/** Series of candles below one directory; closes them all at once. */
export class CandleStore {
  readonly #series = new Map<string, CandleSeries>();
  readonly #settings: SeriesSettings;
  readonly #jsonDirectory: string | undefined;

  /** Use `openCandleStore`. */
  constructor(
    /** Absolute. */
    readonly directory: string,
    options: CandleStoreOptions,
  ) {
    const {
      layout = 'packed',
      maxBytes = 8 * 1024 * 1024,
      sealRows = 4096,
      durability = 'process',
      service = 'candles',
    } = options;
    if (layout !== 'packed' && layout !== 'mapped') {
      throw new AtcError('ARGUMENT', `layout must be 'packed' or 'mapped', got ${shown(layout)}`);
    }
    requireByteCount(maxBytes, 'maxBytes');
    if (options.jsonDirectory !== undefined) requirePath(options.jsonDirectory, 'openCandleStore: jsonDirectory');
    if (!Number.isInteger(sealRows) || sealRows < 1 || sealRows > 1 << 16) {
      throw new AtcError('ARGUMENT', `sealRows must be a whole number from 1 to ${1 << 16}, got ${shown(sealRows)}`);
    }
    const compression = { level: options.level, algorithm: options.algorithm };
    resolveCompression(compression);
    this.#jsonDirectory = options.jsonDirectory === undefined ? undefined : path.resolve(options.jsonDirectory);
    this.#settings = {
      cache: new BlockCache(maxBytes),
      layout,
      compression,
      backend: options.mappingBackend ?? 'auto',
      sealRows,
      durability,
      service,
    };
  }

  /** The series of a symbol and interval on an exchange; it need not exist yet. The same object for the same name. */
  series(name: SeriesName): CandleSeries {
    const directory = seriesPath(this.directory, name);
    let series = this.#series.get(directory);
    if (series === undefined) {
      series = new CandleSeries(directory, this.#settings, this.#legacyOf(name));
      this.#closeOldest();
    }
    // Back to the end: the first one is the one that was asked for longest ago.
    this.#series.delete(directory);
    this.#series.set(directory, series);
    return series;
  }

  /** Names of the series that are on disk. */
  list(): SeriesName[] {
    const found: SeriesName[] = [];
    const below = (at: string) => entryNames(at).directories;
    for (const exchange of below(this.directory)) {
      for (const symbol of below(path.join(this.directory, exchange))) {
        for (const interval of below(path.join(this.directory, exchange, symbol))) {
          const { files } = entryNames(path.join(this.directory, exchange, symbol, interval));
          const names = [exchange, symbol, interval].map(decodePart);
          if (!files.some(isSeriesFile) || names.includes(undefined)) continue;
          found.push({ exchange: names[0]!, symbol: names[1]!, interval: names[2]! });
        }
      }
    }
    return found;
  }

  /** Closes all series. They, and the store, stay usable: the next use opens them again. */
  close(): void {
    for (const series of this.#series.values()) series.close();
    this.#series.clear();
  }

  #closeOldest(): void {
    if (this.#series.size < MAX_OPEN_SERIES) return;
    const [directory, series] = this.#series.entries().next().value as [string, CandleSeries];
    series.close();
    this.#series.delete(directory);
  }

  /** A host that puts names into paths as they are: a symbol with a slash is two directories. */
  #legacyOf({ exchange, symbol, interval }: SeriesName): JsonCandles | undefined {
    if (this.#jsonDirectory === undefined) return undefined;
    const names = `${exchange}/${symbol}/${interval}`.split(/[\\/]/);
    // No file of the host's has such a name, and the path would lead elsewhere.
    if (names.some((name) => name === '' || name === '.' || name === '..')) return undefined;
    return new JsonCandles(this.#jsonDirectory, names, (error, file) =>
      emitMemoryEvent('corrupt', { service: this.#settings.service, key: file, error }),
    );
  }
}
