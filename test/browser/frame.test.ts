/** What a page passes to the reader for browsers, and what it gets. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isAtcError, openFrame } from '../../src/browser/index.js';
import { provideNativeCompression } from '../../src/codec/natives.js';
import { compressPrices } from '../../src/codec/prices.js';
import { compressDataFrame } from '../../src/codec/table-frame.js';
import { loadNativeCompression } from '../../src/io/native-compression.js';
import { candles, expectSameBits, expectSameColumns } from '../codec/frame-samples.js';
import { hexOf } from '../codec/numeric-block.js';

const VECTORS = path.resolve('vectors');
const table = candles(300);
const bytes = compressDataFrame(table);

// As in a browser: nothing native.
beforeAll(() => provideNativeCompression(undefined));
afterAll(() => provideNativeCompression(loadNativeCompression));

function streamOf(content: Uint8Array, chunkBytes: number): ReadableStream<Uint8Array> & { cancelled?: unknown } {
  let at = 0;
  const stream: ReadableStream<Uint8Array> & { cancelled?: unknown } = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (at >= content.length) controller.close();
      else controller.enqueue(content.slice(at, (at += chunkBytes)));
    },
    cancel(reason) {
      stream.cancelled = reason;
    },
  });
  return stream;
}

async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    return isAtcError(error) ? error.code : `${error}`;
  }
  return 'none';
}

test('a buffer, a view, a stream, a blob and a response are read alike', async () => {
  const padded = new Uint8Array(bytes.length + 11);
  padded.set(bytes, 7);
  const inputs = {
    buffer: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer,
    view: padded.subarray(7, 7 + bytes.length),
    dataView: new DataView(padded.buffer, 7, bytes.length),
    'stream of one chunk': streamOf(bytes, bytes.length),
    'stream of many': streamOf(bytes, 100),
    blob: new Blob([new Uint8Array(bytes)]),
    response: new Response(new Uint8Array(bytes)),
  };
  for (const input of Object.values(inputs)) expectSameColumns((await openFrame(input)).decode(), table);
});

test('columns, rows and times of a table', async () => {
  const frame = await openFrame(bytes);
  expect([frame.kind, frame.rows, frame.shape]).toEqual(['table', 300, undefined]);
  expect(frame.columns.map(({ name, dtype }) => `${name} ${dtype}`)).toEqual(
    Object.keys(table).map((it) => `${it} float64`),
  );
  const row = frame.rowAt(table.timestamp[100] - 1);
  expect(row).toBe(100);
  expectSameBits(frame.column('close', { from: row, to: row + 20 }), table.close.slice(100, 120));
  expectSameColumns(frame.decode({ columns: ['high', 'low'], from: 290 }), {
    high: table.high.slice(290),
    low: table.low.slice(290),
  });
});

test('an array keeps its shape', async () => {
  const frame = await openFrame(compressPrices(table.close, { shape: [3, 100] }));
  expect([frame.kind, frame.shape]).toEqual(['array', [3, 100]]);
  expectSameBits(frame.column(''), table.close);
});

test('every vector is read without natives, or refused', async () => {
  const names = readdirSync(VECTORS).filter((name) => name.endsWith('.json'));
  expect(names.length).toBeGreaterThan(30);
  for (const name of names) {
    const expected = JSON.parse(readFileSync(path.join(VECTORS, name), 'utf8'));
    const vector = readFileSync(path.join(VECTORS, name.replace('.json', '.atc')));
    if (expected.refuse !== undefined) {
      expect([name, await codeOf(async () => (await openFrame(vector)).decode())]).toEqual([name, expected.refuse]);
      continue;
    }
    const columns = (await openFrame(vector)).decode();
    for (const { name: column, elements } of expected.columns) expect(hexOf(columns[column])).toBe(elements);
  }
});

test('bytes that are no frame, too many, damaged or not served are an error with its code', async () => {
  const cut = bytes.slice(0, bytes.length - 1);
  const answers = await Promise.all(
    [
      () => openFrame(cut),
      () => openFrame(streamOf(cut, 50)),
      () => openFrame(new ArrayBuffer(0)),
      () => openFrame('text' as unknown as ArrayBuffer),
      () => openFrame(undefined as unknown as ArrayBuffer),
      () => openFrame(new Response('no such file', { status: 404 })),
      () => openFrame(bytes, { maxBytes: 100 }),
      async () => (await openFrame(bytes)).decode({ maxBytes: 1000 }),
      async () => (await openFrame(bytes)).column('nope'),
      async () => (await openFrame(bytes)).decode({ from: 5, to: 301 }),
    ].map(codeOf),
  );
  expect(answers).toEqual([...Array(3).fill('CORRUPT'), 'ARGUMENT', 'ARGUMENT', 'IO', ...Array(4).fill('ARGUMENT')]);
});

test('a stream that is longer than allowed is cancelled, not read to its end', async () => {
  const stream = streamOf(bytes, 64);
  expect(await codeOf(() => openFrame(stream, { maxBytes: 200 }))).toBe('ARGUMENT');
  expect(isAtcError(stream.cancelled, 'ARGUMENT')).toBe(true);
});
