import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { isAtcError, onMemoryEvent, openCandleStore, type StoredCandle } from 'atc-memory';
import { BlockCache } from '../../src/candle-store/block-cache.js';
import { writeSegment } from '../../src/candle-store/candle-segment-writer.js';
import { encodeEntries } from '../../src/candle-store/entry.js';
import { Journal } from '../../src/candle-store/journal.js';
import { RowSet } from '../../src/candle-store/row-set.js';
import { OHLCV_SHAPE } from '../../src/candle-store/row-shape.js';
import { compact } from '../../src/candle-store/series-compaction.js';
import { SeriesFiles, type SeriesSettings } from '../../src/candle-store/series-files.js';
import { journalName, segmentName } from '../../src/candle-store/series-listing.js';
import { seriesIdentity } from '../../src/candle-store/series-path.js';
import { crc32c } from '../../src/codec/crc32c.js';
import { AppendLog } from '../../src/io/append-log.js';
import { MINUTE, madeCandles, START } from '../backtest-kit/candles.js';
import { thrownBy, useWorkspace } from '../io/workspace.js';

const { at } = useWorkspace();
let made = 0;
const directory = () => at(`store-${made++}`);
const NAME = { exchange: 'binance', symbol: 'BTCUSDT', interval: '1m' };
const stored = (rows: object[]) => rows as StoredCandle[];
const SETTINGS: SeriesSettings = {
  cache: new BlockCache(0),
  layout: 'packed',
  compression: {},
  backend: 'auto',
  sealRows: 4,
  durability: 'process',
  service: 'test',
};

describe.each(['packed', 'mapped'] as const)('a %s store', (layout) => {
  test('gives back what was written, from journal, segments and merged segments', () => {
    const root = directory();
    const rows = madeCandles(2500);
    const store = openCandleStore(root, { layout, sealRows: 64 });
    const series = store.series(NAME);
    for (let at = 0; at < rows.length; at += 7) series.write(stored(rows.slice(at, at + 7)));
    const check = (from: typeof series) => {
      expect(from.read(START, MINUTE, rows.length)).toEqual(rows);
      expect(from.read(START + 777 * MINUTE, MINUTE, 5)).toEqual(rows.slice(777, 782));
      expect(from.read(START + 1, MINUTE, 1)).toBeUndefined();
      expect(from.read(START, MINUTE, rows.length + 1)).toBeUndefined();
      expect(from.length).toBe(rows.length);
      expect([...from.candles()]).toEqual(rows);
    };
    check(series);
    store.close();
    check(series);
    check(openCandleStore(root, { layout }).series(NAME));
    const files = readdirSync(series.directory);
    expect(files.length).toBeLessThanOrEqual(10);
    expect(files.filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('keeps bits that JSON loses, other columns, their order, and what is no number', () => {
    const root = directory();
    const rows = stored([
      { timestamp: 1, open: -0, high: 5e-324, low: 2 ** 53 + 2, close: Number.NaN, volume: Number.POSITIVE_INFINITY },
      { close: 1, timestamp: 2, trades: 12 },
      { timestamp: 3, open: 1, high: 1, low: 1, close: 1, volume: 1, note: 'split', nested: { a: [1, null] } },
      { timestamp: 4, open: 0.1, high: 0.2, low: 0.30000000000000004, close: 1e21, volume: 0 },
    ]);
    const series = openCandleStore(root, { layout, sealRows: 2 }).series(NAME);
    series.write(rows);
    const check = (got: StoredCandle[] | undefined) => {
      expect(got).toEqual(rows);
      expect(Object.is(got?.[0].open, -0)).toBe(true);
      expect(got?.map((row) => Object.keys(row))).toEqual(rows.map((row) => Object.keys(row)));
    };
    check(series.read(1, 1, 4));
    series.seal();
    check(series.read(1, 1, 4));
    check(openCandleStore(root).series(NAME).read(1, 1, 4));
    expect([...series.candles()]).toEqual(rows);
  });

  test('first write wins, in any order, in journal and segment', () => {
    const series = openCandleStore(directory(), { layout, sealRows: 16 }).series(NAME);
    const rows = madeCandles(100);
    const later = rows.map((row) => ({ ...row, close: row.close + 1 }));
    expect(series.write(stored(rows.slice(50).reverse()))).toBe(50);
    expect(series.write(stored(later.slice(40, 60)))).toBe(10);
    expect(series.write(stored([rows[0], later[0]]))).toBe(1);
    const wanted = [...later.slice(40, 50), ...rows.slice(50)];
    expect(series.read(START + 40 * MINUTE, MINUTE, 60)).toEqual(wanted);
    expect(series.read(START, MINUTE, 1)).toEqual([rows[0]]);
    series.seal();
    expect(series.read(START + 40 * MINUTE, MINUTE, 60)).toEqual(wanted);
  });

  test('two stores on one directory see each other, while either seals', () => {
    const root = directory();
    const [a, b] = [0, 1].map(() => openCandleStore(root, { layout, sealRows: 20 }).series(NAME));
    const rows = madeCandles(400);
    rows.forEach((row, i) => {
      const [one, other] = i % 3 === 0 ? [a, b] : [b, a];
      one.write(stored([row]));
      expect(other.read(row.timestamp, MINUTE, 1)).toEqual([row]);
      other.write(stored([{ ...row, close: -1 }]));
    });
    expect(a.read(START, MINUTE, 400)).toEqual(rows);
    expect(b.read(START, MINUTE, 400)).toEqual(rows);
  });

  test('a damaged segment is reported and moved aside, its candles are missing; the rest stays', () => {
    const root = directory();
    const rows = madeCandles(120);
    const writer = openCandleStore(root, { layout, sealRows: 40 }).series(NAME);
    writer.write(stored(rows));
    const [, second] = readdirSync(writer.directory)
      .filter((name) => name.endsWith('.atcs'))
      .sort();
    const file = path.join(writer.directory, second);
    const bytes = readFileSync(file);
    bytes[100] ^= 1;
    rmSync(file);
    writeFileSync(file, bytes);
    const events: string[] = [];
    const stop = onMemoryEvent('corrupt', ({ error }) => events.push(isAtcError(error) ? (error.path ?? '') : ''));
    const series = openCandleStore(root, { layout }).series(NAME);
    expect(series.read(START, MINUTE, 120)).toBeUndefined();
    expect(series.read(START, MINUTE, 40)).toEqual(rows.slice(0, 40));
    expect(series.read(START + 80 * MINUTE, MINUTE, 40)).toEqual(rows.slice(80));
    expect(series.write(stored(rows))).toBe(40);
    expect(series.read(START, MINUTE, 120)).toEqual(rows);
    stop();
    expect(events).toEqual([file]);
    expect(readdirSync(series.directory)).toContain('damaged.atcs');
  });
});

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

test('a journal that was replaced, and made anew by someone who was late, is not taken for the real one', () => {
  const root = directory();
  const [row, other] = madeCandles(2);
  const writer = openCandleStore(root).series(NAME);
  writer.write(stored([row]));
  /** Between the look at the directory and what follows it. */
  const overtaken = (files: SeriesFiles) => {
    const list = files.list.bind(files);
    files.list = () => {
      const listing = list();
      files.list = list;
      writer.seal();
      writeFileSync(path.join(writer.directory, 'journal-00000001.atcj'), '');
      return listing;
    };
    return files;
  };
  const reading = overtaken(new SeriesFiles(writer.directory, SETTINGS));
  expect(reading.get(row.timestamp)).toEqual(row);

  const fresh = openCandleStore(directory()).series(NAME);
  const late = new SeriesFiles(fresh.directory, SETTINGS);
  late.load();
  const list = late.list.bind(late);
  late.list = () => {
    const listing = list();
    late.list = list;
    fresh.write(stored([row]));
    fresh.seal();
    return listing;
  };
  expect(late.forWriting()).toBeUndefined();
  late.load();
  expect(late.get(row.timestamp)).toEqual(row);
  expect(late.forWriting()?.generation).toBe(2);
  expect(late.get(other.timestamp)).toBeUndefined();
});

test('what is written behind the end of a journal does not count', () => {
  const root = directory();
  const [first, second] = madeCandles(2);
  const writer = openCandleStore(root).series(NAME);
  writer.write(stored([first]));
  const file = path.join(writer.directory, 'journal-00000001.atcj');
  const open = () => Journal.openOrCreate(1, file, (error) => expect(error).toBeUndefined());
  const [ending, late] = [open(), open()];
  ending.seal();
  const [record] = encodeEntries([{ timestamp: second.timestamp, candle: stored([second])[0] }], late.binding);
  expect(late.append(record)).toBe(false);
  const later = open();
  expect(later.sealed).toBe(true);
  for (const journal of [ending, late, later]) {
    expect(journal.append(record)).toBe(false);
    expect(journal.rows.has(second.timestamp)).toBe(false);
    journal.close();
  }

  // The same a level higher: the journal is made and ended by others between the look at the directory and its opening.
  const other = openCandleStore(directory()).series(NAME);
  const files = new SeriesFiles(other.directory, SETTINGS);
  files.load();
  const list = files.list.bind(files);
  files.list = () => {
    files.list = list;
    const listing = list();
    other.write(stored([first]));
    const made = Journal.openOrCreate(1, path.join(other.directory, 'journal-00000001.atcj'), () => undefined);
    made.seal();
    made.close();
    return listing;
  };
  expect(files.forWriting()).toBeUndefined();
  files.load();
  expect(files.forWriting()?.generation).toBe(2);
});

test('nobody writes behind candles that it does not know, and no merge passes over a journal', () => {
  const rows = madeCandles(12);
  const root = directory();
  const [a, b] = [0, 1].map(() => openCandleStore(root, { sealRows: 2 }).series(NAME));
  a.write(stored(rows.slice(0, 2)));
  const files = new SeriesFiles(a.directory, SETTINGS);
  files.load();
  b.write(stored(rows.slice(2, 5)));
  expect(files.forWriting()).toBeUndefined();
  files.load();
  expect(files.forWriting()?.generation).toBe(3);
  files.close();

  // Segments 1 to 3 and 5, and a sealed journal 4: the four segments are enough for a merge, but not next to each
  // other.
  const gap = directory();
  const path4 = openCandleStore(gap).series(NAME).directory;
  const table = (from: number) => {
    const set = new RowSet();
    for (const { timestamp, open, high, low, close, volume } of rows.slice(from, from + 2)) {
      set.insertRows(OHLCV_SHAPE, Float64Array.of(timestamp, open, high, low, close, volume));
    }
    return set.tables;
  };
  for (const [number, from] of [
    [1, 0],
    [2, 2],
    [3, 4],
    [5, 8],
  ]) {
    writeSegment(
      path.join(path4, segmentName(number, number)),
      table(from),
      [],
      'packed',
      {},
      {
        series: seriesIdentity(path4),
        first: number,
        last: number,
      },
    );
  }
  const [sealed, entries] = [
    Journal.openOrCreate(4, path.join(path4, journalName(4)), () => undefined),
    stored(rows.slice(6, 8)).map((candle) => ({ timestamp: candle.timestamp, candle })),
  ];
  for (const record of encodeEntries(entries, sealed.binding)) sealed.append(record);
  const merging = new SeriesFiles(path4, SETTINGS);
  merging.load();
  // Its end is written after it was looked at: it is there, but not for this compaction to publish.
  compact(merging, { ...SETTINGS, sealRows: 2 });
  expect(readdirSync(path4)).toContain(journalName(4));
  sealed.close();
  expect(openCandleStore(gap).series(NAME).read(START, MINUTE, 10)).toEqual(rows.slice(0, 10));
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

test('every name has a directory of its own, inside the store', () => {
  const root = directory();
  const store = openCandleStore(root);
  const symbols = [
    'BTC/USDT:USDT',
    'btcusdt',
    'BTCUSDT',
    '..',
    '.',
    '',
    'CON',
    'A~B',
    'BTC%2FUSDT',
    'ß',
    'a'.repeat(60),
  ];
  const rows = stored(madeCandles(1));
  for (const symbol of symbols) expect(store.series({ ...NAME, symbol }).write(rows)).toBe(1);
  const found = openCandleStore(root).list();
  expect(found.map(({ symbol }) => symbol).sort()).toEqual([...symbols].sort());
  const folded = new Set(symbols.map((symbol) => store.series({ ...NAME, symbol }).directory.toLowerCase()));
  expect(folded.size).toBe(symbols.length);
  expect([...folded].every((one) => one.startsWith(root.toLowerCase() + path.sep))).toBe(true);
});

test('a name that is no Unicode is ARGUMENT', () => {
  const store = openCandleStore(directory());
  const error = thrownBy(() => store.series({ ...NAME, symbol: 'BTC\ud800' }));
  expect(error).toMatchObject({ code: 'ARGUMENT', message: expect.stringContaining('symbol') });
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

test('a sync that was asked for before close is done before the file is closed', async () => {
  if (!existsSync('/proc/self/fd')) return console.warn('no /proc here: open files are not counted');
  const file = path.join(directory(), 'log');
  const isOpen = () =>
    readdirSync('/proc/self/fd').some((descriptor) => {
      try {
        return readlinkSync(`/proc/self/fd/${descriptor}`) === file;
      } catch {
        return false;
      }
    });
  const log = AppendLog.openOrCreate(file);
  log.append(Buffer.from('one'));
  const first = log.sync();
  log.append(Buffer.from('two'));
  const second = log.sync();
  log.close();
  await first;
  // A few turns: what does not wait for the second sync closes now.
  for (let turn = 0; turn < 5; turn++) await undefined;
  expect(isOpen()).toBe(true);
  await second;
  await new Promise((resolve) => setImmediate(resolve));
  expect(isOpen()).toBe(false);
});
