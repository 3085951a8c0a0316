/** Checks everything there is to check in a dataset: catalogue, files, checksums, times. */
import path from 'node:path';
import { BLOCK_ROWS } from '../codec/codec.js';
import { crc32c } from '../codec/crc32c.js';
import { verifyFrameSteps } from '../codec/frame-verify.js';
import { bytesOf, createArray, type TypedArray } from '../dtype.js';
import { AtcError } from '../errors.js';
import { diskUsage } from '../io/disk-usage.js';
import { openFileReader } from '../io/file-reader.js';
import { Turns } from '../io/turns.js';
import { isFrameSegment, type Segment, type SymbolEntry } from './catalogue.js';
import { columnFilePath } from './column-files.js';
import { DirectoryDataset } from './directory-dataset.js';
import { OpenSegments } from './open-segments.js';
import type { SegmentSource } from './segment-source.js';

export interface DatasetReport {
  readonly symbols: number;
  readonly rows: number;
  readonly files: number;
  readonly bytes: number;
}

export interface VerifyOptions {
  readonly signal?: AbortSignal;
  /** Rows checked so far, and their share of all. */
  readonly onRows?: (rows: number, share: number) => void;
}

/** Throws CORRUPT at the first damage, naming the file. Memory stays at one block. */
export async function verifyDataset(directory: string, { signal, onRows }: VerifyOptions = {}): Promise<DatasetReport> {
  // Leases the generation, so that no file goes away meanwhile.
  const dataset = new DirectoryDataset(directory);
  const segments = new OpenSegments(directory, { backend: 'read' });
  const turns = new Turns(signal);
  const total = dataset.catalogue.symbols.reduce((sum, entry) => sum + entry.rows, 0);
  let rows = 0;
  const usage = { files: 0, bytes: 0 };
  try {
    for (const entry of dataset.catalogue.symbols) {
      for (const segment of entry.segments) {
        const full = path.join(directory, segment.path);
        const source = segments.get(entry, segment, `${segment.path}:${segment.start}`);
        if (isFrameSegment(segment)) await verifyPacked(full, turns);
        for (const done of verifySegment(full, entry, segment, source)) {
          onRows?.(rows + done, (rows + done) / total);
          if (turns.due) await turns.take();
        }
        const { files, byteLength } = diskUsage(full);
        usage.files += files;
        usage.bytes += byteLength;
        rows += segment.rows;
      }
      verifyEnds(directory, entry);
    }
  } finally {
    segments.close();
    dataset.close();
  }
  return { symbols: dataset.symbols.length, rows, ...usage };
}

async function verifyPacked(full: string, turns: Turns): Promise<void> {
  const source = openFileReader(full);
  try {
    for (const _ of verifyFrameSteps(source)) if (turns.due) await turns.take();
  } finally {
    source.close();
  }
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

function verifyEnds(directory: string, { symbol, firstMs, lastMs, segments }: SymbolEntry): void {
  if (segments.length === 0) return;
  if (segments[0].firstMs === firstMs && segments[segments.length - 1].lastMs === lastMs) return;
  throw new AtcError('CORRUPT', `${directory}: ${symbol}: first and last time are not those of its segments`, {
    path: directory,
  });
}
