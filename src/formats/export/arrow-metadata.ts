/**
 * The flatbuffers of Arrow IPC (https://github.com/apache/arrow/tree/main/format: Schema.fbs, Message.fbs, File.fbs),
 * written field by field: a number in `addField…` is the position of the field in its table.
 */
import type { Builder } from 'flatbuffers';
import type { Dtype } from '../../dtype.js';

/** Type of a column: a dtype, a timestamp in UTC, or text by a dictionary of int32 indices. */
export type ArrowType = Dtype | 'timestamp[ms]' | 'timestamp[us]' | 'dictionary';

export interface ArrowField {
  readonly name: string;
  readonly type: ArrowType;
}

/** Offset and length of a buffer in the body of a message. */
export interface BodyBuffer {
  readonly offset: number;
  readonly length: number;
}

/** Where a message lies in the file. */
export interface MessageBlock {
  readonly offset: number;
  readonly metadataBytes: number;
  readonly bodyBytes: number;
}

const VERSION_5 = 4;
/** Members of the union Type, and of the union MessageHeader. */
const TYPE = { int: 2, floatingPoint: 3, utf8: 5, timestamp: 10 } as const;
const HEADER = { schema: 1, dictionaryBatch: 2, recordBatch: 3 } as const;
const UNIT = { ms: 1, us: 2 } as const;
const PRECISION = { float32: 1, float64: 2 } as const;

/** `Message` of a schema. */
export function schemaMessage(builder: Builder, fields: readonly ArrowField[]): Uint8Array {
  return message(builder, HEADER.schema, schema(builder, fields), 0);
}

/** `Message` of rows: one node and, for each column, its buffers. */
export function recordBatchMessage(
  builder: Builder,
  rows: number,
  columns: number,
  buffers: readonly BodyBuffer[],
  bodyBytes: number,
): Uint8Array {
  return message(builder, HEADER.recordBatch, recordBatch(builder, rows, columns, buffers), bodyBytes);
}

/** `Message` of the dictionary with id 0: one column of text. */
export function dictionaryMessage(
  builder: Builder,
  entries: number,
  buffers: readonly BodyBuffer[],
  bodyBytes: number,
): Uint8Array {
  const data = recordBatch(builder, entries, 1, buffers);
  builder.startObject(3);
  builder.addFieldInt64(0, 0n, 1n);
  builder.addFieldOffset(1, data, 0);
  return message(builder, HEADER.dictionaryBatch, builder.endObject(), bodyBytes);
}

/** `Footer` of a file. */
export function footer(
  builder: Builder,
  fields: readonly ArrowField[],
  dictionaries: readonly MessageBlock[],
  batches: readonly MessageBlock[],
): Uint8Array {
  const schemaAt = schema(builder, fields);
  const batchesAt = blocks(builder, batches);
  const dictionariesAt = blocks(builder, dictionaries);
  builder.startObject(5);
  builder.addFieldInt16(0, VERSION_5, 0);
  builder.addFieldOffset(1, schemaAt, 0);
  builder.addFieldOffset(2, dictionariesAt, 0);
  builder.addFieldOffset(3, batchesAt, 0);
  builder.finish(builder.endObject());
  return builder.asUint8Array();
}

function message(builder: Builder, kind: number, header: number, bodyBytes: number): Uint8Array {
  builder.startObject(5);
  builder.addFieldInt16(0, VERSION_5, 0);
  builder.addFieldInt8(1, kind, 0);
  builder.addFieldOffset(2, header, 0);
  builder.addFieldInt64(3, BigInt(bodyBytes), 0n);
  builder.finish(builder.endObject());
  return builder.asUint8Array();
}

function schema(builder: Builder, fields: readonly ArrowField[]): number {
  const offsets = fields.map((field) => arrowField(builder, field));
  const list = offsetVector(builder, offsets);
  builder.startObject(4);
  // Field 0, endianness: little is the default.
  builder.addFieldOffset(1, list, 0);
  return builder.endObject();
}

function arrowField(builder: Builder, { name, type }: ArrowField): number {
  const nameAt = builder.createString(name);
  const children = offsetVector(builder, []);
  const dictionaryAt = type === 'dictionary' ? dictionaryEncoding(builder) : 0;
  const [kind, typeAt] = arrowType(builder, type);
  builder.startObject(7);
  builder.addFieldOffset(0, nameAt, 0);
  // Field 1, nullable: false is the default.
  builder.addFieldInt8(2, kind, 0);
  builder.addFieldOffset(3, typeAt, 0);
  if (dictionaryAt !== 0) builder.addFieldOffset(4, dictionaryAt, 0);
  builder.addFieldOffset(5, children, 0);
  return builder.endObject();
}

function arrowType(builder: Builder, type: ArrowType): [kind: number, offset: number] {
  if (type === 'dictionary') {
    builder.startObject(0);
    return [TYPE.utf8, builder.endObject()];
  }
  if (type === 'timestamp[ms]' || type === 'timestamp[us]') {
    const zone = builder.createString('UTC');
    builder.startObject(2);
    builder.addFieldInt16(0, type === 'timestamp[ms]' ? UNIT.ms : UNIT.us, 0);
    builder.addFieldOffset(1, zone, 0);
    return [TYPE.timestamp, builder.endObject()];
  }
  if (type === 'float64' || type === 'float32') {
    builder.startObject(1);
    builder.addFieldInt16(0, PRECISION[type], 0);
    return [TYPE.floatingPoint, builder.endObject()];
  }
  return [TYPE.int, intType(builder, Number(type.replace(/\D/g, '')), !type.startsWith('u'))];
}

function intType(builder: Builder, bits: number, isSigned: boolean): number {
  builder.startObject(2);
  builder.addFieldInt32(0, bits, 0);
  builder.addFieldInt8(1, isSigned ? 1 : 0, 0);
  return builder.endObject();
}

/** Id 0, indices of int32. */
function dictionaryEncoding(builder: Builder): number {
  const index = intType(builder, 32, true);
  builder.startObject(4);
  builder.addFieldInt64(0, 0n, 1n);
  builder.addFieldOffset(1, index, 0);
  return builder.endObject();
}

/** `buffers`: of every column a validity bitmap (of length 0: nothing is missing) and its values. */
function recordBatch(builder: Builder, rows: number, columns: number, buffers: readonly BodyBuffer[]): number {
  builder.startVector(16, buffers.length, 8);
  for (const { offset, length } of [...buffers].reverse()) {
    builder.prep(8, 16);
    builder.writeInt64(BigInt(length));
    builder.writeInt64(BigInt(offset));
  }
  const buffersAt = builder.endVector();
  builder.startVector(16, columns, 8);
  for (let k = 0; k < columns; k += 1) {
    builder.prep(8, 16);
    builder.writeInt64(0n);
    builder.writeInt64(BigInt(rows));
  }
  const nodesAt = builder.endVector();
  builder.startObject(5);
  builder.addFieldInt64(0, BigInt(rows), 0n);
  builder.addFieldOffset(1, nodesAt, 0);
  builder.addFieldOffset(2, buffersAt, 0);
  return builder.endObject();
}

/** `Block`: offset, length of the metadata (and four bytes of padding), length of the body. */
function blocks(builder: Builder, list: readonly MessageBlock[]): number {
  builder.startVector(24, list.length, 8);
  for (const { offset, metadataBytes, bodyBytes } of [...list].reverse()) {
    builder.prep(8, 24);
    builder.writeInt64(BigInt(bodyBytes));
    builder.pad(4);
    builder.writeInt32(metadataBytes);
    builder.writeInt64(BigInt(offset));
  }
  return builder.endVector();
}

function offsetVector(builder: Builder, offsets: readonly number[]): number {
  builder.startVector(4, offsets.length, 4);
  for (const offset of [...offsets].reverse()) builder.addOffset(offset);
  return builder.endVector();
}
