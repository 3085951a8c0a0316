/**
 * MetaTrader 4 history files (.hst), versions 400 and 401, little-endian:
 *   i32 version · char[64] copyright · char[12] symbol · i32 period in minutes · i32 digits
 *   i32, i32 times · 52 bytes unused
 *   400: i32 time · f64 open, low, high, close, volume                                                     (44 bytes)
 *   401: i64 time · f64 open, high, low, close · i64 tick volume · i32 spread · i64 real volume             (60 bytes)
 * Times are seconds of the broker's clock.
 */
import { AtcError } from '../../errors.js';
import { ByteQueue } from '../byte-queue.js';
import type { CellBatch } from '../cell-column.js';
import { type FieldType, fieldType, layoutOf, type RecordLayout } from './layout.js';
import { readRecords } from './read.js';

const HEADER_BYTES = 148;
const FIELDS: Readonly<Record<number, readonly string[]>> = {
  400: ['time <i4', 'open <f8', 'low <f8', 'high <f8', 'close <f8', 'volume <f8'],
  401: ['time <i8', 'open <f8', 'high <f8', 'low <f8', 'close <f8', 'volume <i8', 'spread <i4', 'real_volume <i8'],
};

export async function* readHst(bytes: AsyncIterable<Uint8Array>, path: string): AsyncGenerator<CellBatch> {
  const queue = new ByteQueue(bytes);
  try {
    const header = (await queue.take(HEADER_BYTES)).slice();
    if (header.length < HEADER_BYTES)
      throw new AtcError('CORRUPT', `${path} ends within its header`, { path, offset: header.length });
    const version = new DataView(header.buffer).getInt32(0, true);
    if (FIELDS[version] === undefined) {
      throw new AtcError('FORMAT_VERSION', `${path} is a history file of version ${version}; 400 and 401 are read`, {
        path,
        offset: 0,
      });
    }
    const end = header.indexOf(0, 68);
    const symbol = new TextDecoder('latin1').decode(header.subarray(68, end < 0 || end > 80 ? 80 : end));
    for await (const batch of readRecords(queue, layoutOfVersion(version), path)) {
      const columns = batch.columns.map((column) =>
        column.title === 'time' && column.kind === 'number'
          ? {
              kind: 'time' as const,
              title: 'time',
              values: column.values.map((s) => s * 1000),
              clock: 'local' as const,
              unit: 's' as const,
            }
          : column,
      );
      const symbols = { kind: 'text' as const, title: 'symbol', values: new Array<string>(batch.rows).fill(symbol) };
      yield { ...batch, columns: [...columns, symbols] };
    }
  } finally {
    await queue.close();
  }
}

function layoutOfVersion(version: number): RecordLayout {
  const fields = FIELDS[version].map((text) => {
    const [title, descr] = text.split(' ');
    return { title, type: fieldType(descr) as FieldType };
  });
  return layoutOf(fields);
}
