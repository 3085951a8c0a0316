/**
 * What a candle store holds, series by series, and whether all of it is whole. Changes nothing, unlike reading candles.
 */
import path from 'node:path';
import { entryNames } from '../io/directory-entries.js';
import { diskUsage } from '../io/disk-usage.js';
import { BlockCache } from './block-cache.js';
import { Journal } from './journal.js';
import { Segment } from './segment.js';
import { journalName, readListing } from './series-listing.js';
import { type SeriesName, seriesPath } from './series-path.js';
import { openCandleStore } from './store.js';

export interface SeriesFacts extends SeriesName {
  readonly candles: number;
  readonly segments: number;
  readonly journals: number;
  readonly byteLength: number;
}

/** Names of the series; none when the directory is no candle store. */
export function candleSeriesIn(directory: string): SeriesName[] {
  return openCandleStore(directory).list();
}

/** Reads indexes and journals; with `everyByte` all candles too, and every checksum. CORRUPT with path and offset. */
export function inspectSeries(root: string, name: SeriesName, everyByte: boolean): SeriesFacts {
  const directory = seriesPath(root, name);
  const { segments, journals } = readListing(entryNames(directory).files);
  let candles = 0;
  for (const one of segments) {
    const segment = new Segment(one, path.join(directory, one.file), new BlockCache(0), 'read');
    candles += segment.rows;
    if (everyByte) {
      for (const _table of segment.tables);
      segment.documents.size;
    }
    segment.close();
  }
  for (const generation of journals) {
    let damage: unknown;
    const file = path.join(directory, journalName(generation));
    const journal = Journal.openExisting(generation, file, (error) => {
      damage ??= error;
    });
    candles += journal?.rows.length ?? 0;
    journal?.close();
    if (everyByte && damage !== undefined) throw damage;
  }
  const { byteLength } = diskUsage(directory);
  return { ...name, candles, segments: segments.length, journals: journals.length, byteLength };
}
