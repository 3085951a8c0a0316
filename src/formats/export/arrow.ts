/**
 * Tables as an Arrow IPC file, which is Feather version 2 as well. Nothing is compressed and every buffer begins at a
 * multiple of 64 bytes of the file, so that readers map it and use the columns where they lie.
 */
import { bytesOf, createArray, type TypedArray } from '../../dtype.js';
import {
  type ArrowField,
  type BodyBuffer,
  dictionaryMessage,
  footer,
  type MessageBlock,
  recordBatchMessage,
  schemaMessage,
} from './arrow-metadata.js';
import { type ByteSink, type ExportSpec, SYMBOL_COLUMN, type TableWriter } from './export-format.js';
import { timeCounts } from './time-counts.js';

const ALIGNMENT = 64;
const MAGIC = new TextEncoder().encode('ARROW1');
const CONTINUATION = 0xffff_ffff;
/** Rows of a record batch: few messages, and little memory. */
const BATCH_ROWS = 65_536;

export async function openArrow(
  sink: ByteSink,
  { schema, symbols, hasSymbolColumn, times }: ExportSpec,
): Promise<TableWriter> {
  const { Builder } = await import('flatbuffers');
  const fields: ArrowField[] = schema.map(({ name, dtype }, k) => ({
    name,
    type: k === 0 && times !== 'numbers' ? `timestamp[${times}]` : dtype,
  }));
  if (hasSymbolColumn) fields.push({ name: SYMBOL_COLUMN, type: 'dictionary' });
  const out = new MessageWriter(sink);
  sink.write(padded(MAGIC, 8));
  out.message(schemaMessage(new Builder(), fields), []);
  const dictionaries: MessageBlock[] = [];
  if (hasSymbolColumn) {
    const buffers = textBuffers(symbols);
    dictionaries.push(out.message((at, bytes) => dictionaryMessage(new Builder(), symbols.length, at, bytes), buffers));
  }
  const batches: MessageBlock[] = [];
  const waiting = new WaitingRows(schema, hasSymbolColumn);
  const flush = () => {
    if (waiting.rows === 0) return;
    const { rows } = waiting;
    const values = waiting
      .arrays()
      .map((array, k) => (k === 0 && times !== 'numbers' ? timeCounts(array, times) : array));
    const buffers = values.flatMap((array) => [new Uint8Array(0), bytesOf(array)]);
    batches.push(
      out.message((at, bytes) => recordBatchMessage(new Builder(), rows, fields.length, at, bytes), buffers),
    );
    waiting.rows = 0;
  };
  return {
    write(symbol, length, columns) {
      const index = symbols.indexOf(symbol);
      for (let from = 0; from < length; ) {
        from += waiting.take(columns, from, length, index);
        if (waiting.rows === BATCH_ROWS) flush();
      }
    },
    finish() {
      flush();
      out.end();
      const tail = footer(new Builder(), fields, dictionaries, batches);
      sink.write(tail);
      const length = new Uint8Array(4);
      new DataView(length.buffer).setInt32(0, tail.length, true);
      sink.write(length);
      sink.write(MAGIC);
    },
  };
}

/** Encapsulated messages: continuation, length of the metadata, metadata, body. */
class MessageWriter {
  readonly #sink: ByteSink;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /**
   * `metadata`: bytes, or what makes them of the locations of the buffers in the body. The body begins at a multiple of
   * 64.
   */
  message(
    metadata: Uint8Array | ((at: readonly BodyBuffer[], bodyBytes: number) => Uint8Array),
    buffers: readonly Uint8Array[],
  ): MessageBlock {
    const places: BodyBuffer[] = [];
    let bodyBytes = 0;
    for (const { length } of buffers) {
      places.push({ offset: bodyBytes, length });
      bodyBytes += aligned(length);
    }
    const bytes = typeof metadata === 'function' ? metadata(places, bodyBytes) : metadata;
    const offset = this.#sink.byteLength;
    const metadataBytes = aligned(offset + 8 + bytes.length) - offset;
    const prefix = new Uint8Array(8);
    const view = new DataView(prefix.buffer);
    view.setUint32(0, CONTINUATION, true);
    view.setInt32(4, metadataBytes - 8, true);
    this.#sink.write(prefix);
    this.#sink.write(padded(bytes, metadataBytes - 8));
    for (const buffer of buffers) {
      this.#sink.write(buffer);
      const padding = aligned(buffer.length) - buffer.length;
      if (padding > 0) this.#sink.write(new Uint8Array(padding));
    }
    return { offset, metadataBytes, bodyBytes };
  }

  end(): void {
    const mark = new Uint8Array(8);
    new DataView(mark.buffer).setUint32(0, CONTINUATION, true);
    this.#sink.write(mark);
  }
}

/** Rows of one record batch. */
class WaitingRows {
  rows = 0;
  readonly #columns: TypedArray[];
  readonly #indices: Int32Array | undefined;
  readonly #schema: ExportSpec['schema'];

  constructor(schema: ExportSpec['schema'], hasSymbolColumn: boolean) {
    this.#schema = schema;

    this.#columns = schema.map(({ dtype }) => createArray(dtype, BATCH_ROWS));
    this.#indices = hasSymbolColumn ? new Int32Array(BATCH_ROWS) : undefined;
  }

  take(columns: Readonly<Record<string, TypedArray>>, from: number, to: number, symbol: number): number {
    const count = Math.min(BATCH_ROWS - this.rows, to - from);
    this.#schema.forEach(({ name }, k) => {
      (this.#columns[k] as Float64Array).set(columns[name].subarray(from, from + count) as Float64Array, this.rows);
    });
    this.#indices?.fill(symbol, this.rows, this.rows + count);
    this.rows += count;
    return count;
  }

  arrays(): TypedArray[] {
    const all = this.#indices === undefined ? this.#columns : [...this.#columns, this.#indices];
    return all.map((column) => column.subarray(0, this.rows));
  }
}

/** Validity (none), offsets and characters of a column of text. */
function textBuffers(texts: readonly string[]): Uint8Array[] {
  const encoded = texts.map((text) => new TextEncoder().encode(text));
  const offsets = new Int32Array(texts.length + 1);
  encoded.forEach((bytes, k) => {
    offsets[k + 1] = offsets[k] + bytes.length;
  });
  return [new Uint8Array(0), bytesOf(offsets), Buffer.concat(encoded)];
}

function aligned(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

function padded(bytes: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  out.set(bytes);
  return out;
}
