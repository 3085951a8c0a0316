/**
 * Candles that are objects: what is no number, no symbol or no ms is refused by row and name instead of being left out.
 */
import { memoryTable } from '../../src/dataset/memory.js';
import { batchesOf, type PieceSource } from '../../src/formats/batch.js';
import { thrownBy } from '../io/workspace.js';

const START = 1_700_000_000_000;
const candle = (row: number, more = {}) => ({
  ...{ symbol: 'A', timestamp: START + row * 60_000, open: 1, high: 2, low: 0.5, close: 1.5, volume: 5 },
  ...more,
});

async function read(source: unknown): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {};
  for await (const { schema, columns } of batchesOf(source as PieceSource)) {
    schema.forEach(({ name }, k) => {
      found[name] = [...(found[name] ?? []), ...(columns[k] as Float64Array)];
    });
  }
  return found;
}

test.each([
  ['a time as text', { timestamp: '2024-01-01' }, /timestamp must be UTC ms as a number, got "2024-01-01"/],
  ['a time as a Date', { timestamp: new Date(START) }, /timestamp must be UTC ms as a number, got a Date/],
  ['a time as a bigint', { timestamp: BigInt(START) }, /timestamp must be UTC ms as a number, got 1700000000000n/],
  ['a close as text', { close: '1.5' }, /close must be a number, got "1\.5"/],
  ['a volume as text', { volume: '5' }, /volume must be a number, got "5"/],
  ['a high that is a boolean', { high: true }, /high must be a number, got true/],
  ['a count as a bigint', { trades: 7n }, /trades must be a number, got 7n/],
  ['no symbol', { symbol: undefined }, /symbol/],
  ['an empty symbol', { symbol: '' }, /its symbol must be a text, got ""/],
])('%s is ARGUMENT, in the first candle and in a later one', async (_, more, message) => {
  for (const at of [0, 1]) {
    const candles = [candle(0), candle(1), candle(2)].map((one, row) => (row === at ? { ...one, ...more } : one));
    await expect(read(candles)).rejects.toMatchObject({
      code: 'ARGUMENT',
      message: expect.stringMatching(message),
    });
    await expect(read(candles)).rejects.toMatchObject({ message: expect.stringContaining(`candle ${at}: `) });
  }
});

test('a candle that is none, behind others, is ARGUMENT', async () => {
  for (const other of [null, undefined, 5, 'text']) {
    await expect(read([candle(0), other])).rejects.toMatchObject({ code: 'ARGUMENT' });
  }
});

test('text of other names is left out, and a volume that is null throughout has no column', async () => {
  const found = await read([candle(0, { exchange: 'x', volume: null }), candle(1, { volume: undefined })]);
  expect(Object.keys(found)).toEqual(['timestamp', 'open', 'high', 'low', 'close']);
});

test('times as float32 lose the ms of today, and are refused; small ones are whole', async () => {
  const close = Float64Array.of(1, 2);
  const columns = { timestamp: Float32Array.of(START, START + 6e6), close };
  const message = expect.stringMatching(/"timestamp" is a Float32Array, which cannot hold the ms of today/);
  await expect(read({ symbol: 'A', columns })).rejects.toMatchObject({ code: 'ARGUMENT', message });
  expect(thrownBy(() => memoryTable('A', columns))).toMatchObject({ code: 'ARGUMENT', message });
  expect((await read({ symbol: 'A', columns: { timestamp: Float32Array.of(0, 60_000), close } })).timestamp).toEqual([
    0, 60_000,
  ]);
});
