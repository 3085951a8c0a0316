/** Checks everything there is to check in a dataset: catalogue, files, checksums, order of the timestamps. */
import path from 'node:path';
import { decodeNpyHeader, NPY_PREFIX_BYTES, npyDataOffset } from '../array/npy-header.js';
import { crc32c } from '../codec/crc32c.js';
import { verifyFrame } from '../codec/frame-verify.js';
import { AtcError } from '../errors.js';
import { openFileReader } from '../io/file-reader.js';
import { columnFileName, type Segment, type SymbolEntry } from './catalogue.js';
import { openDatasetSync } from './dataset.js';
import type { CandleTable } from './table.js';

export interface DatasetReport {
  readonly symbols: number;
  readonly rows: number;
  readonly files: number;
  readonly bytes: number;
}

const PIECE_BYTES = 1 << 20;

/** Throws CORRUPT at the first damage, naming file and offset. Memory stays at one block. */
export function verifyDataset(
  directory: string,
  onSymbol?: (symbol: string, done: number, total: number) => void,
): DatasetReport {
  const dataset = openDatasetSync(directory);
  let rows = 0;
  let files = 0;
  let bytes = 0;
  try {
    dataset.catalogue.symbols.forEach((entry, k) => {
      for (const segment of entry.segments) {
        const sizes =
          dataset.layout === 'mapped' ? verifyColumns(directory, entry, segment) : [verifyPacked(directory, segment)];
        files += sizes.length;
        bytes += sizes.reduce((sum, size) => sum + size, 0);
      }
      verifyTimes(dataset.table(entry.symbol), entry, directory);
      rows += entry.rows;
      onSymbol?.(entry.symbol, k + 1, dataset.catalogue.symbols.length);
    });
  } finally {
    dataset.close();
  }
  return { symbols: dataset.catalogue.symbols.length, rows, files, bytes };
}

function verifyPacked(directory: string, segment: Segment): number {
  const source = openFileReader(path.join(directory, segment.path));
  try {
    verifyFrame(source);
    return source.byteLength;
  } finally {
    source.close();
  }
}

function verifyColumns(directory: string, entry: SymbolEntry, segment: Segment): number[] {
  return entry.columns.map(({ name }, k) => {
    const full = path.join(directory, segment.path, columnFileName(k, name));
    const source = openFileReader(full);
    try {
      const prefix = source.read(0, Math.min(NPY_PREFIX_BYTES, source.byteLength));
      const dataOffset = npyDataOffset(prefix, full);
      decodeNpyHeader(source.read(0, Math.min(dataOffset, source.byteLength)), full);
      let checksum = 0;
      for (let at = dataOffset; at < source.byteLength; at += PIECE_BYTES) {
        checksum = crc32c(source.read(at, Math.min(PIECE_BYTES, source.byteLength - at)), checksum);
      }
      if (checksum !== segment.crc32c![k]) {
        throw new AtcError(
          'CORRUPT',
          `${full} does not match the checksum in the catalogue; import the dataset again`,
          {
            path: full,
            offset: dataOffset,
          },
        );
      }
      return source.byteLength;
    } finally {
      source.close();
    }
  });
}

function verifyTimes(table: CandleTable, entry: SymbolEntry, directory: string): void {
  let last = Number.NEGATIVE_INFINITY;
  let first = Number.NaN;
  for (const { start, columns } of table.blocks(['timestamp'])) {
    const times = columns.timestamp;
    if (start === 0) first = Number(times[0]);
    for (let i = 0; i < times.length; i += 1) {
      const ms = Number(times[i]);
      if (!(ms > last)) {
        throw new AtcError(
          'CORRUPT',
          `${directory}: ${table.symbol}: the timestamps do not ascend at row ${start + i}`,
          {
            path: directory,
          },
        );
      }
      last = ms;
    }
  }
  if (table.length > 0 && (first !== entry.firstMs || last !== entry.lastMs)) {
    throw new AtcError('CORRUPT', `${directory}: ${table.symbol}: first and last time are not those of the catalogue`, {
      path: directory,
    });
  }
}
