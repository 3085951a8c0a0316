/** Writes a segment: one part per shape, in either layout, and one for documents. */

import type { CompressionOptions } from '../codec/compression-options.js';
import { crc32c } from '../codec/crc32c.js';
import { FrameWriter } from '../codec/frame-writer.js';
import { compressPrices } from '../codec/prices.js';
import { bytesOf } from '../dtype.js';
import { FileWriter } from '../io/file-writer.js';
import type { DatasetLayout } from '../table.js';
import { documentBytes } from './journal-record.js';
import type { RowTable } from './row-table.js';
import {
  type BlockSpan,
  encodeSegmentEnd,
  PART_ALIGNMENT,
  type PartEntry,
  type SegmentOrigin,
  segmentHeader,
} from './segment-layout.js';

/** How candles are stored once they leave the journal. */
export type SegmentLayout = DatasetLayout;

/**
 * Small, because a host asks for a few candles at a time: a block is decoded, or checked, whole when it is first
 * touched. The usual 16,384 rows would be a few percent smaller on disk and four times as long to wait for.
 */
const SEGMENT_BLOCK_ROWS = 4096;

/** Complete or absent, and on the disk when this returns: what it replaces may have been acknowledged as safe there. */
export function writeSegment(
  file: string,
  tables: readonly RowTable[],
  documents: readonly (readonly [number, string])[],
  layout: SegmentLayout,
  compression: CompressionOptions,
  origin: SegmentOrigin,
): void {
  const writer = new FileWriter(file, { durability: 'power' });
  try {
    writer.write(segmentHeader());
    const parts: PartEntry[] = [];
    for (const table of tables) {
      if (table.length === 0) continue;
      align(writer);
      parts.push(layout === 'mapped' ? writeMapped(writer, table) : writePacked(writer, table, compression));
    }
    if (documents.length > 0) {
      align(writer);
      const times = documents.map(([timestamp]) => timestamp);
      parts.push({
        kind: 'documents',
        first: times.reduce((a, b) => Math.min(a, b)),
        last: times.reduce((a, b) => Math.max(a, b)),
        rows: documents.length,
        ...locate(writer, () => writer.write(compressPrices(documentBytes(documents), compression))),
      });
    }
    writer.write(encodeSegmentEnd(parts, origin));
    writer.commit();
  } catch (error) {
    writer.abort();
    throw error;
  }
}

function writePacked(writer: FileWriter, table: RowTable, compression: CompressionOptions): PartEntry {
  const columns = table.columns.map((column) => column.subarray(0, table.length));
  const schema = {
    kind: 'table',
    columns: table.shape.map((name) => ({ name, dtype: 'float64' }) as const),
  } as const;
  const where = locate(writer, () => {
    const frame = new FrameWriter((bytes) => writer.write(bytes), schema, {
      ...compression,
      blockRows: SEGMENT_BLOCK_ROWS,
    });
    for (let from = 0; from < table.length; from += frame.blockRows) {
      frame.writeBlock(columns.map((column) => column.subarray(from, from + frame.blockRows)));
    }
    frame.finish();
  });
  const blocks = Math.ceil(table.length / SEGMENT_BLOCK_ROWS);
  const lastOfBlocks = Float64Array.from(
    { length: blocks },
    (_, block) => table.timestamps[Math.min(table.length, (block + 1) * SEGMENT_BLOCK_ROWS) - 1],
  );
  return { kind: 'packed', first: table.first, last: table.last, rows: table.length, ...where, lastOfBlocks };
}

function writeMapped(writer: FileWriter, table: RowTable): PartEntry {
  const blocks: BlockSpan[] = [];
  const where = locate(writer, () => {
    for (let from = 0; from < table.length; from += SEGMENT_BLOCK_ROWS) {
      const to = Math.min(table.length, from + SEGMENT_BLOCK_ROWS);
      let checksum = 0;
      for (const column of table.columns) {
        const bytes = bytesOf(column.subarray(from, to));
        checksum = crc32c(bytes, checksum);
        writer.write(bytes);
      }
      blocks.push({ first: table.timestamps[from], last: table.timestamps[to - 1], checksum });
    }
  });
  return {
    kind: 'mapped',
    first: table.first,
    last: table.last,
    rows: table.length,
    ...where,
    shape: table.shape,
    blockRows: SEGMENT_BLOCK_ROWS,
    blocks,
  };
}

function locate(writer: FileWriter, write: () => void): { offset: number; byteLength: number } {
  const offset = writer.byteLength;
  write();
  return { offset, byteLength: writer.byteLength - offset };
}

function align(writer: FileWriter): void {
  const over = writer.byteLength % PART_ALIGNMENT;
  if (over > 0) writer.write(new Uint8Array(PART_ALIGNMENT - over));
}
