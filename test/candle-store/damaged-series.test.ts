/** Damaged files of a candle series: the right candles or none. */
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { isAtcError, onMemoryEvent, openCandleStore } from 'atc-memory';
import { journalName } from '../../src/candle-store/series-listing.js';
import { crc32c } from '../../src/codec/crc32c.js';
import { MINUTE, madeCandles, START } from '../backtest-kit/candles.js';
import { thrownBy } from '../io/workspace.js';
import { directory, NAME, stored } from './series-fixture.js';

test.each(['packed', 'mapped', 'journal'] as const)(
  'any flipped bit of a %s file: the right candles or none',
  (kind) => {
    const rows = [...madeCandles(6), { timestamp: START + 6 * MINUTE, note: 'text', open: 1 }];
    const layout = kind === 'mapped' ? 'mapped' : 'packed';
    const writer = openCandleStore(directory(), { layout }).series(NAME);
    for (const row of rows) writer.write(stored([row]));
    if (kind !== 'journal') writer.seal();
    const [name] = readdirSync(writer.directory);
    const file = path.join(writer.directory, name);
    const bytes = readFileSync(file);
    let missing = 0;
    for (let byte = 0; byte < bytes.length; byte++) {
      const flipped = Buffer.from(bytes);
      flipped[byte] ^= 1 << (byte % 8);
      rmSync(writer.directory, { recursive: true });
      mkdirSync(writer.directory);
      writeFileSync(file, flipped);
      const series = openCandleStore(path.resolve(writer.directory, '../../..'), { mappingBackend: 'read' }).series(
        NAME,
      );
      for (const row of rows) {
        const got = series.read(row.timestamp, MINUTE, 1);
        if (got === undefined) missing++;
        else expect(got).toEqual([row]);
      }
      series.close();
    }
    expect(missing).toBeGreaterThanOrEqual(kind === 'journal' ? bytes.length / 2 : bytes.length);
  },
);

test('a torn or damaged record is skipped and reported; the records after it are read', () => {
  const root = directory();
  const rows = madeCandles(30);
  const writer = openCandleStore(root).series(NAME);
  for (const row of rows.slice(0, 10)) writer.write(stored([row]));
  const file = path.join(writer.directory, readdirSync(writer.directory)[0]);
  const record = statSync(file).size / 10;
  truncateSync(file, statSync(file).size - 20);
  const events: unknown[] = [];
  const stop = onMemoryEvent('corrupt', ({ error }) => events.push(error));
  const reader = openCandleStore(root).series(NAME);
  expect(reader.length).toBe(9);
  expect(events).toEqual([]);
  const second = openCandleStore(root).series(NAME);
  second.write(stored(rows.slice(10, 20)));
  expect(events).toHaveLength(1);
  expect(reader.read(START + 10 * MINUTE, MINUTE, 10)).toEqual(rows.slice(10, 20));
  const bytes = readFileSync(file);
  bytes[3 * record + 30] ^= 4;
  writeFileSync(file, bytes);
  const third = openCandleStore(root).series(NAME);
  expect(third.read(START + 3 * MINUTE, MINUTE, 1)).toBeUndefined();
  expect(third.read(START + 4 * MINUTE, MINUTE, 5)).toEqual(rows.slice(4, 9));
  stop();
  expect(events.every((error) => isAtcError(error, 'CORRUPT'))).toBe(true);
});

test.each([
  ['mapped', 'packed'],
  ['packed', 'mapped'],
] as const)('a %s segment that was replaced by the same candles, %s, is not taken for damage', (before, after) => {
  const rows = madeCandles(300);
  const [root, twin] = [directory(), directory()];
  const [series, same] = [
    [root, before],
    [twin, after],
  ].map(([place, layout]) => openCandleStore(place, { layout: layout as 'packed' }).series(NAME));
  for (const one of [series, same]) {
    one.write(stored(rows));
    one.seal();
  }
  const events: unknown[] = [];
  const stop = onMemoryEvent('corrupt', (event) => events.push(event));
  const reader = openCandleStore(root, { mappingBackend: 'read', maxBytes: 0 }).series(NAME);
  expect(reader.length).toBe(300);
  const [name] = readdirSync(series.directory);
  renameSync(path.join(same.directory, name), path.join(series.directory, name));
  expect(reader.read(START, MINUTE, 300)).toEqual(rows);
  stop();
  expect(events).toEqual([]);
  expect(readdirSync(series.directory)).toEqual([name]);
});

test('a directory that is deleted underneath is a store without candles', () => {
  const series = openCandleStore(directory(), { sealRows: 8 }).series(NAME);
  const rows = madeCandles(20);
  series.write(stored(rows));
  rmSync(series.directory, { recursive: true });
  expect(series.write(stored(rows.slice(0, 3)))).toBeGreaterThan(0);
  expect(series.read(START, MINUTE, 3)).toEqual(rows.slice(0, 3));
  expect(openCandleStore(path.dirname(path.dirname(path.dirname(series.directory)))).series(NAME).length).toBe(3);
});

test('a journal of a later version is FORMAT_VERSION, and no descriptor is left open', () => {
  const root = directory();
  const series = openCandleStore(root).series(NAME);
  series.write(stored(madeCandles(3)));
  series.close();
  const file = path.join(series.directory, journalName(1));
  const bytes = readFileSync(file);
  bytes[5] = 3;
  bytes.writeUInt32LE(crc32c(bytes.subarray(16), crc32c(bytes.subarray(4, 12))), 12);
  writeFileSync(file, bytes);
  const read = () => thrownBy(() => openCandleStore(root).series(NAME).read(START, MINUTE, 1));
  expect(read()).toMatchObject({ code: 'FORMAT_VERSION', path: file });
  if (!existsSync('/proc/self/fd')) return console.warn('no /proc here: open files are not counted');
  const before = readdirSync('/proc/self/fd').length;
  for (let i = 0; i < 20; i++) read();
  expect(readdirSync('/proc/self/fd')).toHaveLength(before);
});
