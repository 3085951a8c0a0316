/**
 * Changing a dataset that others may be reading: new segments go into a directory of their own, then the catalogue is
 * replaced. A dataset is what its catalogue says, so at any moment it is the old one or the new one. One process at a
 * time changes it.
 */
import path from 'node:path';
import { requireSymbol } from '../arguments.js';
import { type CompressionOptions, resolveCompression } from '../codec/compression-options.js';
import { AtcError, shown } from '../errors.js';
import type { RowBatch } from '../formats/batch.js';
import { DirectoryWriter } from '../io/atomic-directory.js';
import type { Durability } from '../io/durability.js';
import { unappliedError } from '../io/io-error.js';
import type { DatasetLayout } from '../table.js';
import { Amendment } from './amendment.js';
import { type Catalogue, PagedCatalogue, type TimeSpan } from './catalogue.js';
import { readCatalogue, strongest } from './catalogue-file.js';
import type { PageRecord } from './catalogue-pages.js';
import { CROWDED_SEGMENTS, crowdedRows, isCrowded, scatteredRows, sparseBundles } from './compaction.js';
import { groupBySymbol } from './grouping.js';
import { publishCatalogue } from './publish-catalogue.js';
import { addedDirectory, removeAllSuperseded } from './superseded.js';
import type { AmendMode } from './symbol-amendment.js';
import { pruneVersions, requireKeep, retainVersion } from './versions/retain.js';
import { underWriteLock } from './write-lock.js';
import { DatasetFiles } from './writer.js';

/** Options of changes to a dataset on disk. */
export interface AmendOptions {
  /**
   * `power`: a change that has resolved survives a power cut; `process`: only the end of the process. Default `power`.
   * A dataset that was
   * written with `power` once stays so: what one process was promised no other one takes back.
   */
  readonly durability?: Durability;
  /** Gives up waiting for another process, or stops; nothing has changed then. */
  readonly signal?: AbortSignal;
  /** Rows taken in (by compaction: written again) so far, and their share of all where it is known. */
  readonly onRows?: (rows: number, share?: number) => void;
  /**
   * How many generations stay after this change, the new one included: `openDataset` opens them with `asOf`. Older ones
   * go, unless a snapshot names them. Left out, generations that are retained stay, and no further one is.
   */
  readonly keep?: number;
}

/** Adds rows of one or many symbols, new symbols included: all of them or none. Compacts crowded symbols first. */
export async function addRows(
  directory: string,
  batches: AsyncIterable<RowBatch>,
  mode: AmendMode,
  options: AmendOptions = {},
): Promise<void> {
  requireKeep(options.keep);
  await compactCrowded(directory, options);
  await amend(directory, options, async (amendment) => {
    await groupBySymbol(
      batches,
      { writeBlock: (symbol, schema, _rows, columns) => amendment.write(symbol, schema, columns, mode) },
      options,
    );
  });
}

async function compactCrowded(directory: string, options: AmendOptions): Promise<void> {
  if (!hasCrowded(readCatalogue(directory))) return;
  await amend(directory, options, (amendment) =>
    amendment.rewrite((entry) => (isCrowded(entry) ? crowdedRows(entry) : []), {
      signal: options.signal,
      isPageWanted: isCrowdedPage,
    }),
  ).catch((error: unknown) => {
    // That symbols are compact is not the change that was asked for.
    throw unappliedError(error);
  });
}

function hasCrowded(catalogue: Catalogue): boolean {
  if (catalogue instanceof PagedCatalogue) return catalogue.pages.content.pages.some(isCrowdedPage);
  return catalogue.symbols.some(isCrowded);
}

/** What the catalogue says of a page is enough to know. */
function isCrowdedPage({ segments }: PageRecord): boolean {
  return segments > CROWDED_SEGMENTS;
}

/** Rows of one symbol in ascending order, and where its source is known to have none. */
export interface KnownRows {
  readonly symbol: string;
  readonly rows: RowBatch;
  readonly empty: readonly TimeSpan[];
}

/** Adds rows whose time is not there yet and notes empty spans, in one generation. Spans need rows, now or before. */
export async function addKnownRows(
  directory: string,
  known: readonly KnownRows[],
  options: AmendOptions = {},
): Promise<void> {
  await compactCrowded(directory, options);
  await amend(directory, options, async (amendment) => {
    await groupBySymbol(
      knownBatches(known),
      { writeBlock: (name, schema, _rows, columns) => amendment.write(name, schema, columns, 'skip') },
      options,
    );
    for (const { symbol, empty } of known) if (empty.length > 0) amendment.noteEmpty(symbol, empty);
  });
}

async function* knownBatches(known: readonly KnownRows[]): AsyncGenerator<RowBatch> {
  for (const { rows } of known) yield rows;
}

/** Writes symbols that lie in several segments into as few as possible. What is read stays the same, bit by bit. */
export function compactSegments(directory: string, options: AmendOptions = {}): Promise<void> {
  return amend(directory, options, (amendment) => {
    const { catalogue } = amendment;
    const sparse = sparseBundles(directory, catalogue);
    return amendment.rewrite((entry) => scatteredRows(entry, catalogue.layout, sparse), options);
  });
}

/** Removes the segments that no version names any more, as far as nobody reads them. */
export function removeLeftOvers(directory: string, signal?: AbortSignal): Promise<void> {
  return underWriteLock(directory, signal, (catalogue) => removeAllSuperseded(directory, catalogue));
}

/** Notes that the source has no candles of a symbol in these spans. */
export async function noteEmptySpans(
  directory: string,
  symbol: string,
  spans: readonly TimeSpan[],
  options: AmendOptions = {},
): Promise<void> {
  requireSymbol(symbol, 'markEmpty');
  if (!Array.isArray(spans)) {
    const advice = 'a list of [from, to) pairs in UTC ms is needed';
    throw new AtcError('ARGUMENT', `markEmpty: ${advice}, got ${shown(spans)}`);
  }
  return amend(directory, options, (amendment) => amendment.noteEmpty(symbol, spans));
}

export interface ReplaceOptions extends AmendOptions, CompressionOptions {
  readonly layout: DatasetLayout;
  readonly maxSegmentBytes?: number;
  /** Called when all files are complete, just before the catalogue shows them. */
  readonly beforeShown?: (next: Catalogue) => void;
}

/** Replaces everything that is there with the rows of `batches`. Readers of the generation before keep it. */
export function replaceRows(
  directory: string,
  batches: AsyncIterable<RowBatch>,
  options: ReplaceOptions,
): Promise<void> {
  const { layout, maxSegmentBytes, beforeShown } = options;
  return underWriteLock(directory, options.signal, async (present, lock) => {
    const durability = strongest(options.durability, present.durability);
    const generation = present.generation + 1;
    const added = addedDirectory(generation);
    const writer = new DirectoryWriter(path.join(directory, added), { durability });
    try {
      const files = new DatasetFiles(writer.temporary, layout, options, maxSegmentBytes, `${added}/`);
      await groupBySymbol(batches, files, options);
      const facts = { layout, generation, durability, compression: resolveCompression(options) };
      const next = files.finishCatalogue(facts, directory);
      const shown = () => beforeShown?.(next);
      publishCatalogue(directory, present, next, { lock, writer, beforeShown: shown, replacesAll: true });
    } finally {
      // Does nothing once it is committed.
      writer.abort();
    }
  });
}

function amend(
  directory: string,
  { durability, signal, keep }: AmendOptions,
  change: (amendment: Amendment) => void | Promise<void>,
): Promise<void> {
  requireKeep(keep);
  return underWriteLock(directory, signal, async (catalogue, lock) => {
    const amendment = new Amendment(directory, catalogue, lock, durability);
    try {
      await change(amendment);
      amendment.commit(keep === undefined || keep === 1 ? undefined : () => retainVersion(directory, catalogue));
      if (keep !== undefined) pruneVersions(directory, keep);
    } finally {
      amendment.close();
    }
  });
}
