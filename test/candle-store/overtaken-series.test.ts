/** Files of a candle series that another process changes between two looks at them. */
import { existsSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openCandleStore } from 'atc-memory';
import { writeSegment } from '../../src/candle-store/candle-segment-writer.js';
import { encodeEntries } from '../../src/candle-store/entry.js';
import { Journal } from '../../src/candle-store/journal.js';
import { RowSet } from '../../src/candle-store/row-set.js';
import { OHLCV_SHAPE } from '../../src/candle-store/row-shape.js';
import { compact } from '../../src/candle-store/series-compaction.js';
import { SeriesFiles } from '../../src/candle-store/series-files.js';
import { journalName, segmentName } from '../../src/candle-store/series-listing.js';
import { seriesIdentity } from '../../src/candle-store/series-path.js';
import { AppendLog } from '../../src/io/append-log.js';
import { MINUTE, madeCandles, START } from '../backtest-kit/candles.js';
import { directory, NAME, SETTINGS, stored } from './series-fixture.js';

test('a journal that a late process creates again after it was merged is not read as the current one', () => {
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

test('bytes behind the end of a journal do not count', () => {
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
