/** Checks everything there is to check in a dataset: catalogue, files, checksums, times. */
import path from 'node:path';
import { BLOCK_ROWS } from '../codec/codec.js';
import { crc32c } from '../codec/crc32c.js';
import { FOOTER_BYTES } from '../codec/frame-format.js';
import { verifyFrameSteps } from '../codec/frame-verify.js';
import { bytesOf, createArray, type TypedArray } from '../dtype.js';
import { AtcError } from '../errors.js';
import { type DiskUsage, diskUsage } from '../io/disk-usage.js';
import { type FileReader, openFileReader } from '../io/file-reader.js';
import { Turns } from '../io/turns.js';
import { verifyBrief } from './brief-reader.js';
import {
  type Catalogue,
  isFrameSegment,
  type Segment,
  type SegmentIndex,
  type SegmentPage,
  type SymbolEntry,
} from './catalogue.js';
import { columnFilePath } from './column-files.js';
import { DirectoryDataset } from './directory-dataset.js';
import { frameIn, locatedFrom } from './frame-window.js';
import { OpenSegments } from './open-segments.js';
import type { SegmentSource } from './segment-source.js';
import { readVersions } from './versions/version-files.js';

export interface DatasetReport {
  readonly symbols: number;
  readonly rows: number;
  readonly files: number;
  readonly bytes: number;
  /** Versions that are retained beside the current one; `files` and `bytes` count what only they hold as well. */
  readonly versions: number;
}

export interface VerifyOptions {
  readonly signal?: AbortSignal;
  /** Rows checked so far, and their share of all. */
  readonly onRows?: (rows: number, share: number) => void;
}

/** Throws CORRUPT at the first damage, naming the file. Memory stays at one block. */
export async function verifyDataset(directory: string, { signal, onRows }: VerifyOptions = {}): Promise<DatasetReport> {
  // Each leases its generation, so that no file goes away meanwhile.
  const datasets = [new DirectoryDataset(directory)];
  const segments = new OpenSegments(directory, { backend: 'read' });
  try {
    for (const { catalogue } of readVersions(directory)) {
      datasets.push(new DirectoryDataset(directory, { asOf: catalogue.generation }));
    }
    const [{ symbols, catalogue }] = datasets;
    const seen = new SeenSegments();
    const parts = datasets.map((one) => seen.newSegments(one.catalogue));
    const total = parts.flat().reduce((sum, { segment }) => sum + segment.rows, 0);
    const turns = new Turns(signal);
    const usage = new Map<string, DiskUsage>();
    const frames = new SeenFrames();
    let rows = 0;
    for (const { entry, segment, key } of parts.flat()) {
      const full = path.join(directory, segment.path);
      const source = segments.get(entry, segment, key);
      if (isFrameSegment(segment) && frames.isNew(segment)) await verifyPacked(full, segment, turns);
      for (const done of verifySegment(full, entry, segment, source)) {
        onRows?.(rows + done, (rows + done) / total);
        if (turns.due) await turns.take();
      }
      if (!usage.has(full)) usage.set(full, diskUsage(full));
      rows += segment.rows;
    }
    verifyBrief(directory, catalogue);
    for (const one of datasets) {
      verifyNames(directory, one);
      for (const entry of one.catalogue.symbols) verifyEnds(directory, entry);
    }
    const used = [...usage.values()];
    return {
      symbols: symbols.length,
      rows: catalogue.symbols.reduce((sum, entry) => sum + entry.rows, 0),
      files: used.reduce((sum, { files }) => sum + files, 0),
      bytes: used.reduce((sum, { byteLength }) => sum + byteLength, 0),
      versions: datasets.length - 1,
    };
  } finally {
    segments.close();
    for (const one of datasets) one.close();
  }
}

/** Segments that several versions share are checked once. */
class SeenSegments {
  readonly #keys = new Set<string>();

  newSegments({ symbols }: Catalogue) {
    return symbols.flatMap((entry) =>
      entry.segments.flatMap((segment) => {
        // What a version says of the rows is part of the key: two that differ are both checked.
        const key = JSON.stringify([entry.symbol, entry.columns, segment]);
        if (this.#keys.has(key)) return [];
        this.#keys.add(key);
        return [{ entry, segment, key }];
      }),
    );
  }
}

/** Several segments may be rows of one frame. */
class SeenFrames {
  readonly #keys = new Set<string>();

  isNew({ path: file, offset = 0 }: Segment): boolean {
    const key = `${file}:${offset}`;
    if (this.#keys.has(key)) return false;
    this.#keys.add(key);
    return true;
  }
}

async function verifyPacked(full: string, segment: Segment, turns: Turns): Promise<void> {
  const source = frameIn(openFileReader(full), segment);
  const steps = verifyFrameSteps(source);
  try {
    if (segment.index !== undefined) verifyPages(full, source, segment.index);
    while (locatedFrom(segment.offset ?? 0, () => steps.next()).done !== true) if (turns.due) await turns.take();
  } finally {
    source.close();
  }
}

/** The pages of the index are where the catalogue says. */
function verifyPages(full: string, source: FileReader, { bytes, pages }: SegmentIndex): void {
  const isWrong = ([offset, , , , checksum]: SegmentPage, k: number) => {
    const end = pages[k + 1]?.[0] ?? bytes - FOOTER_BYTES;
    return crc32c(source.read(offset, end - offset)) !== checksum;
  };
  if (source.byteLength === bytes && !pages.some(isWrong)) return;
  const what = `${full} has another index than the catalogue says`;
  throw new AtcError('CORRUPT', `${what}; restore it, or import the dataset again`, { path: full });
}

/**
 * Every column against its checksum, every timestamp against the one before, and what the catalogue says about them.
 * Yields the rows done, block by block.
 */
function* verifySegment(full: string, entry: SymbolEntry, segment: Segment, source: SegmentSource): Generator<number> {
  const { columns } = entry;
  const timestampAt = columns.findIndex(({ name }) => name === 'timestamp');
  const all = columns.map((_, k) => k);
  const buffers = columns.map(({ dtype }) => createArray(dtype, Math.min(BLOCK_ROWS, segment.rows)));
  const checksums = columns.map(() => 0);
  const times = new TimeCheck(full, entry.symbol, segment);
  for (let row = 0; row < segment.rows; row += BLOCK_ROWS) {
    const count = Math.min(BLOCK_ROWS, segment.rows - row);
    const block = buffers.map((buffer) => buffer.subarray(0, count));
    source.readInto(all, row, block);
    block.forEach((column, k) => {
      checksums[k] = crc32c(bytesOf(column), checksums[k]);
    });
    times.add(block[timestampAt]);
    yield row + count;
  }
  checksums.forEach((crc, k) => {
    if (crc === segment.crc32c[k]) return;
    const { name } = columns[k];
    const file = isFrameSegment(segment) ? full : columnFilePath(full, k, name);
    const message = `${file}: column "${name}" does not match the checksum in the catalogue; import the dataset again`;
    throw new AtcError('CORRUPT', message, { path: file, column: name });
  });
  times.end();
}

/** That times ascend, begin and end where the catalogue says, and lie on the grid where it says so. */
class TimeCheck {
  #rows = 0;
  #lastMs = Number.NEGATIVE_INFINITY;
  readonly #full: string;
  readonly #symbol: string;
  readonly #segment: Segment;

  constructor(full: string, symbol: string, segment: Segment) {
    this.#full = full;
    this.#symbol = symbol;
    this.#segment = segment;
  }

  add(times: TypedArray): void {
    const { firstMs, stepMs } = this.#segment;
    for (let i = 0; i < times.length; i += 1) {
      const ms = Number(times[i]);
      if (!(ms > this.#lastMs)) this.#fail(`the timestamps do not ascend at row ${this.#rows}`);
      if (this.#rows === 0 && ms !== firstMs) this.#fail('the first time is not that of the catalogue');
      if (stepMs !== undefined && ms !== firstMs + this.#rows * stepMs) {
        this.#fail(`row ${this.#rows} is not on the grid of ${stepMs} ms`);
      }
      this.#lastMs = ms;
      this.#rows += 1;
    }
  }

  end(): void {
    if (this.#lastMs !== this.#segment.lastMs) this.#fail('the last time is not that of the catalogue');
  }

  #fail(what: string): never {
    throw new AtcError('CORRUPT', `${this.#full}: ${this.#symbol}: ${what}; import the dataset again`, {
      path: this.#full,
    });
  }
}

/** Names lie in a file of their own where there are many. */
function verifyNames(directory: string, { symbols, catalogue }: DirectoryDataset): void {
  if (catalogue.symbols.every(({ symbol }, k) => symbol === symbols[k])) return;
  throw new AtcError('CORRUPT', `${directory}: the names of its symbols are not those of their entries`, {
    path: directory,
  });
}

function verifyEnds(directory: string, { symbol, firstMs, lastMs, segments }: SymbolEntry): void {
  if (segments.length === 0) return;
  if (segments[0].firstMs === firstMs && segments[segments.length - 1].lastMs === lastMs) return;
  throw new AtcError('CORRUPT', `${directory}: ${symbol}: first and last time are not those of its segments`, {
    path: directory,
  });
}
