/**
 * Changing a dataset that others may be reading: new segments go into a directory of their own, then the catalogue is replaced. A
 * dataset is what its catalogue says, so at any moment it is the old one or the new one. One process at a time changes it.
 */
import path from 'node:path';
import { type CompressionOptions, resolveCompression } from '../codec/compression-options.js';
import type { TypedArray } from '../dtype.js';
import { AtcError } from '../errors.js';
import type { RowBatch } from '../formats/batch.js';
import { DirectoryWriter } from '../io/atomic-directory.js';
import type { Durability } from '../io/durability.js';
import { discard } from '../io/leases.js';
import { acquireLock } from '../io/process-lock.js';
import { sweepTemporaries } from '../io/temporary.js';
import { Turns } from '../io/turns.js';
import { nearestHint } from '../nearest.js';
import { type Catalogue, type DatasetLayout, entryName, type SymbolEntry, type TimeSpan } from './catalogue.js';
import { readCatalogue, replaceCatalogue } from './catalogue-file.js';
import { crowdedRows, isCrowded, scatteredRows } from './compaction.js';
import { type GroupSchema, groupBySymbol } from './grouping.js';
import { OpenSegments } from './open-segments.js';
import type { RowSpan } from './segment-slices.js';
import type { SegmentPlace } from './segment-writer.js';
import { columnChecksums, Snapshot } from './snapshot.js';
import { addedDirectory, removeAllSuperseded, removeSuperseded, removeUnfinished } from './superseded.js';
import { type AmendMode, SymbolAmendment } from './symbol-amendment.js';
import { normaliseSpans } from './time-spans.js';
import { DatasetFiles } from './writer.js';

/** Options of changes to a dataset on disk. */
export interface AmendOptions {
  /** `power`: a change that has resolved survives a power cut; `process`: only the end of the process. Default `power`. */
  readonly durability?: Durability;
  /** Gives up waiting for another process, or stops; nothing has changed then. */
  readonly signal?: AbortSignal;
  /** Rows taken in (by compaction: written again) so far, and their share of all where it is known. */
  readonly onRows?: (rows: number, share?: number) => void;
}

/** Adds rows of one or many symbols, new symbols included: all of them or none. Compacts crowded symbols first. */
export async function addRows(
  directory: string,
  pieces: AsyncIterable<RowBatch>,
  mode: AmendMode,
  options: AmendOptions = {},
): Promise<void> {
  if (readCatalogue(directory).symbols.some(isCrowded)) {
    await amend(directory, options, (amendment) =>
      amendment.rewrite((entry) => (isCrowded(entry) ? crowdedRows(entry) : []), { signal: options.signal }),
    );
  }
  await amend(directory, options, async (amendment) => {
    await groupBySymbol(
      pieces,
      { writeBlock: (symbol, schema, _rows, columns) => amendment.write(symbol, schema, columns, mode) },
      options,
    );
  });
}

/** Writes symbols that lie in several segments into as few as possible. What is read stays the same, bit by bit. */
export async function compactSegments(directory: string, options: AmendOptions = {}): Promise<void> {
  await amend(directory, options, (amendment) =>
    amendment.rewrite((entry) => scatteredRows(entry, amendment.catalogue.layout), options),
  );
  const lock = await acquireLock(directory, WRITE_LOCK, options.signal);
  try {
    removeAllSuperseded(directory, readCatalogue(directory));
  } finally {
    lock.release();
  }
}

/** Notes that the source has no candles of a symbol in these spans. */
export function noteEmptySpans(
  directory: string,
  symbol: string,
  spans: readonly TimeSpan[],
  options: AmendOptions = {},
): Promise<void> {
  return amend(directory, options, (amendment) => amendment.noteEmpty(symbol, spans));
}

export interface ReplaceOptions extends AmendOptions, CompressionOptions {
  readonly layout: DatasetLayout;
  readonly maxSegmentBytes?: number;
  /** Called when all files are complete, just before the catalogue shows them. */
  readonly beforeShown?: (next: Catalogue) => void;
}

/** Puts the rows of `pieces` in the place of everything that is there. Readers of the generation before keep it. */
export function replaceRows(
  directory: string,
  pieces: AsyncIterable<RowBatch>,
  options: ReplaceOptions,
): Promise<void> {
  const { layout, maxSegmentBytes, durability, beforeShown } = options;
  return underWriteLock(directory, options.signal, async (present) => {
    const generation = present.generation + 1;
    const added = addedDirectory(generation);
    const writer = new DirectoryWriter(path.join(directory, added), { durability });
    try {
      const files = new DatasetFiles(writer.temporary, layout, options, maxSegmentBytes, `${added}/`);
      await groupBySymbol(pieces, files, options);
      const symbols = files.finishSymbols();
      writer.commit();
      const next: Catalogue = { layout, generation, compression: resolveCompression(options), symbols };
      try {
        beforeShown?.(next);
        replaceCatalogue(directory, next, durability);
      } catch (error) {
        discardUnshown(directory, next, writer.path);
        throw error;
      }
      removeSuperseded(directory, next);
    } catch (error) {
      writer.abort();
      throw error;
    }
  });
}

const WRITE_LOCK = 'write';
/** Of all symbols together, on top of what grouping holds. */
const MAX_HELD_BYTES = 64 << 20;

function amend(
  directory: string,
  { durability, signal }: AmendOptions,
  change: (amendment: Amendment) => void | Promise<void>,
): Promise<void> {
  return underWriteLock(directory, signal, async (catalogue) => {
    const amendment = new Amendment(directory, catalogue, durability);
    try {
      await change(amendment);
      amendment.commit();
    } finally {
      amendment.close();
    }
  });
}

/** One process at a time; what dead ones left is gone when `run` is called with the catalogue in force. */
async function underWriteLock(
  directory: string,
  signal: AbortSignal | undefined,
  run: (catalogue: Catalogue) => Promise<void>,
): Promise<void> {
  const lock = await acquireLock(directory, WRITE_LOCK, signal);
  try {
    sweepTemporaries(directory);
    const catalogue = readCatalogue(directory);
    removeUnfinished(directory, catalogue);
    // What the last change had to leave, because whoever made it was still reading the generation before.
    removeSuperseded(directory, catalogue);
    await run(catalogue);
  } finally {
    lock.release();
  }
}

/**
 * Removes new segments whose catalogue could not be put in place. A failure after its rename (a sync that the disk refuses) leaves it in
 * force, and then they are all there is; where that cannot be told, the next writer knows.
 */
function discardUnshown(directory: string, next: Catalogue, added: string): void {
  let inForce: number;
  try {
    inForce = readCatalogue(directory).generation;
  } catch {
    return;
  }
  if (inForce < next.generation) discard(added);
}

class Amendment {
  private readonly generation: number;
  private readonly segments: OpenSegments;
  private readonly present: Snapshot;
  private readonly changes = new Map<string, SymbolAmendment>();
  private readonly emptied = new Map<string, readonly TimeSpan[]>();
  private writer: DirectoryWriter | undefined;
  private names = 0;
  private heldBytes = 0;

  constructor(
    private readonly directory: string,
    readonly catalogue: Catalogue,
    private readonly durability: Durability | undefined,
  ) {
    this.generation = catalogue.generation + 1;
    this.segments = new OpenSegments(directory, { backend: 'read' });
    this.present = new Snapshot(catalogue, (...what) => this.segments.get(...what));
  }

  write(symbol: string, schema: GroupSchema, columns: readonly TypedArray[], mode: AmendMode): void {
    const present = this.present.entry(symbol)?.columns;
    const change = this.changeOf(symbol, present ?? schema, mode);
    const before = change.heldBytes;
    change.write(present === undefined ? columns : inOrderOf(symbol, present, schema, columns));
    this.heldBytes += change.heldBytes - before;
    if (this.heldBytes <= MAX_HELD_BYTES) return;
    this.heldBytes -= change.heldBytes;
    change.relieve();
    this.heldBytes += change.heldBytes;
  }

  async rewrite(
    spansOf: (entry: SymbolEntry) => readonly RowSpan[],
    { signal, onRows }: Pick<AmendOptions, 'signal' | 'onRows'>,
  ): Promise<void> {
    const turns = new Turns(signal);
    let before = 0;
    for (const entry of this.catalogue.symbols) {
      const spans = spansOf(entry);
      if (spans.length === 0) continue;
      const change = this.changeOf(entry.symbol, entry.columns, 'append');
      for (const [from, to] of spans) {
        signal?.throwIfAborted();
        for (const rows of change.rewrite(from, to)) {
          onRows?.(before + rows);
          if (turns.due) await turns.take();
        }
        before += to - from;
      }
      this.requireSameContent(entry, change.finish());
    }
  }

  noteEmpty(symbol: string, spans: readonly TimeSpan[]): void {
    const entry = this.present.entry(symbol);
    if (entry === undefined) {
      const hint = nearestHint(symbol, this.present.symbols);
      throw new AtcError('ARGUMENT', `${this.directory} has no symbol "${symbol}"${hint}`, { path: this.directory });
    }
    this.emptied.set(symbol, normaliseSpans([...(entry.empty ?? []), ...spans]));
  }

  /** Nothing is written when nothing has changed. */
  commit(): void {
    const entries = new Map(this.catalogue.symbols.map((entry) => [entry.symbol, entry]));
    let isChanged = this.emptied.size > 0;
    for (const [symbol, change] of this.changes) {
      if (!change.isChanged) continue;
      isChanged = true;
      entries.set(symbol, change.finish());
    }
    for (const [symbol, empty] of this.emptied) entries.set(symbol, { ...entries.get(symbol)!, empty });
    if (!isChanged) return;
    const next: Catalogue = { ...this.catalogue, generation: this.generation, symbols: [...entries.values()] };
    this.writer?.commit();
    try {
      replaceCatalogue(this.directory, next, this.durability);
    } catch (error) {
      if (this.writer !== undefined) discardUnshown(this.directory, next, this.writer.path);
      throw error;
    }
    removeSuperseded(this.directory, next);
  }

  close(): void {
    this.segments.close();
    this.writer?.abort();
  }

  private changeOf(symbol: string, schema: GroupSchema, mode: AmendMode): SymbolAmendment {
    let change = this.changes.get(symbol);
    if (change === undefined) {
      const entry = this.present.entry(symbol);
      const source = entry && this.present.source(entry);
      const { layout, compression } = this.catalogue;
      change = new SymbolAmendment(symbol, schema, source, this.place(symbol), { layout, compression }, mode);
      this.changes.set(symbol, change);
    }
    return change;
  }

  /** The directory of new segments appears with the first of them. */
  private place(symbol: string): SegmentPlace {
    const added = addedDirectory(this.generation);
    const open = () => {
      this.writer ??= new DirectoryWriter(path.join(this.directory, added), { durability: this.durability });
      return this.writer.temporary;
    };
    return { root: open, prefix: `${added}/`, nextName: () => entryName(this.names++, symbol) };
  }

  /** Rows that changed on the disk since they were written must not get a checksum that makes them right. */
  private requireSameContent(before: SymbolEntry, after: SymbolEntry): void {
    const now = columnChecksums(after);
    const wrong = columnChecksums(before).findIndex((crc, k) => crc !== now[k]);
    if (wrong < 0) return;
    throw new AtcError(
      'CORRUPT',
      `${this.directory}: ${before.symbol}: column "${before.columns[wrong].name}" does not match its checksum; ` +
        'atc verify names the file; import the dataset again',
      { path: this.directory, column: before.columns[wrong].name },
    );
  }
}

/** The columns in the order the symbol has them; ARGUMENT when they are not the same ones. */
function inOrderOf(
  symbol: string,
  present: GroupSchema,
  schema: GroupSchema,
  columns: readonly TypedArray[],
): readonly TypedArray[] {
  const ordered = present.map(({ name, dtype }) =>
    schema.findIndex((column) => column.name === name && column.dtype === dtype),
  );
  if (ordered.length === schema.length && !ordered.includes(-1)) return ordered.map((k) => columns[k]);
  const text = (of: GroupSchema) => of.map(({ name, dtype }) => `${name} ${dtype}`).join(', ');
  throw new AtcError('ARGUMENT', `${symbol} has the columns (${text(present)}), the new rows have (${text(schema)})`);
}
