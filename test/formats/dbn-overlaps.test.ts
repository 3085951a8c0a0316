/** DBN files of several instruments that overlap: one series of each, whatever the order of their records is. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readDataset } from '../../src/dataset/dataset.js';

const START = 1_706_572_800_000;
const SYMBOLS = ['ESH4', 'NQH4', 'CLH4'];
const NAME_BYTES = 71;

const u32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
};
const text = (value: string, length: number) =>
  Buffer.concat([Buffer.from(value), Buffer.alloc(length - value.length)]);

/** Version 2, candles of a minute, each instrument mapped from its number to its symbol. */
function header(): Buffer {
  const mappings = SYMBOLS.flatMap((symbol, id) => [
    text(symbol, NAME_BYTES),
    ...[u32(1), u32(20240129), u32(20240301), text(String(100 + id), NAME_BYTES)],
  ]);
  const body = Buffer.concat([
    ...[text('GLBX.MDP3', 16), Buffer.alloc(26), Buffer.from([1, 0, 0, NAME_BYTES, 0]), Buffer.alloc(53)],
    ...[u32(0), u32(0), u32(0), u32(0), u32(SYMBOLS.length), ...mappings],
  ]);
  return Buffer.concat([Buffer.from([0x44, 0x42, 0x4e, 2]), u32(body.length), body]);
}

/** The volume tells symbol and minute apart. */
function candle(id: number, minute: number, volume = 10 * minute + id): Buffer {
  const bytes = Buffer.alloc(56);
  bytes[0] = 14;
  bytes[1] = 0x21;
  bytes.writeUInt32LE(100 + id, 4);
  bytes.writeBigUInt64LE(BigInt(START + 60_000 * minute) * 1_000_000n, 8);
  for (const [k, price] of [10, 12, 9, 11].entries()) bytes.writeBigInt64LE(BigInt(price) * 1_000_000_000n, 16 + 8 * k);
  bytes.writeBigUInt64LE(BigInt(volume), 48);
  return bytes;
}

const ORDERS = {
  'by time': (a: readonly number[], b: readonly number[]) => a[1] - b[1] || a[0] - b[0],
  'by symbol': (a: readonly number[], b: readonly number[]) => a[0] - b[0] || a[1] - b[1],
  'in runs': (a: readonly number[], b: readonly number[]) =>
    Math.floor(a[1] / 50) - Math.floor(b[1] / 50) || a[0] - b[0] || a[1] - b[1],
};

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-dbn-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function write(name: string, ids: readonly number[], from: number, to: number, order: keyof typeof ORDERS): string {
  const minutes = Array.from({ length: to - from }, (_, k) => from + k);
  const rows = ids.flatMap((id) => minutes.map((minute) => [id, minute] as const)).sort(ORDERS[order]);
  writeFileSync(path.join(folder, name), Buffer.concat([header(), ...rows.map(([id, minute]) => candle(id, minute))]));
  return path.join(folder, name);
}

const names = Object.keys(ORDERS) as (keyof typeof ORDERS)[];
const pairs = names.flatMap((one) => names.map((two) => [one, two] as const));

test.each(pairs)('%s and %s: one series of each instrument, equal rows taken once', async (one, two) => {
  const files = [write('a.dbn', [0, 1], 0, 3000, one), write('b.dbn', [1, 2], 2000, 4000, two)];
  const notes: string[] = [];
  const dataset = await readDataset(files, { onFile: (file) => notes.push(...file.notes) });
  const spans = { ESH4: [0, 3000], NQH4: [0, 4000], CLH4: [2000, 4000] };
  expect([...dataset.symbols].sort()).toEqual(Object.keys(spans).sort());
  for (const [symbol, [from, to]] of Object.entries(spans)) {
    const table = dataset.table(symbol);
    const expected = Array.from({ length: to - from }, (_, k) => from + k);
    expect(Array.from(table.column('timestamp'), Number)).toEqual(expected.map((minute) => START + 60_000 * minute));
    const id = SYMBOLS.indexOf(symbol);
    expect(Array.from(table.column('volume'), Number)).toEqual(expected.map((minute) => 10 * minute + id));
  }
  expect(notes).toContain('1000 rows there twice: taken once');
});

test('rows of one time that differ are refused with both files, or --duplicates decides', async () => {
  const a = write('a.dbn', [0, 1], 0, 10, 'by time');
  const b = path.join(folder, 'b.dbn');
  writeFileSync(b, Buffer.concat([header(), candle(1, 8), candle(1, 9, 7), candle(1, 10)]));
  await expect(readDataset([a, b])).rejects.toThrow(/b\.dbn: record \d+.*NQH4: .*a\.dbn|b\.dbn.*NQH4.*a\.dbn/);
  const dataset = await readDataset([a, b], { duplicates: 'last' });
  expect(Array.from(dataset.table('NQH4').column('volume'), Number).slice(8)).toEqual([81, 7, 101]);
});
