/** The JSON files that backtest-kit has written. */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { onMemoryEvent } from 'atc-memory';
import { MINUTE, madeCandles, START } from './candles.js';
import { JSON_FILES, kit, read, setup, write } from './plugin-fixture.js';

describe('what JSON files hold', () => {
  const rows = madeCandles(6);
  beforeEach(async () => {
    await write(rows.slice(0, 4));
    setup({}, kit);
  });

  test('is served, reported as legacy, and stored: the files may be deleted', async () => {
    const events: unknown[] = [];
    const stop = onMemoryEvent('legacy', (event) => events.push(event));
    expect(await read(START, 4)).toEqual(rows.slice(0, 4));
    expect(events).toHaveLength(4);
    rmSync('dump/data/candle', { recursive: true });
    expect(await read(START, 4)).toEqual(rows.slice(0, 4));
    stop();
    expect(events).toHaveLength(4);
  });

  test('JSON candles win over candles that are written later, and are read together with them', async () => {
    await write(rows.map((row, i) => (i < 4 ? { ...row, close: 1 } : row)));
    expect(await read(START, 6)).toEqual(rows);
    rmSync('dump/data/candle', { recursive: true });
    expect(await read(START, 6)).toEqual(rows);
  });

  test('a file that is no JSON object is reported, fetched again, stored', async () => {
    writeFileSync(path.join(JSON_FILES, `${START + MINUTE}.json`), '{"timestamp": 17');
    const events: string[] = [];
    const stop = onMemoryEvent('corrupt', ({ key }) => events.push(key ?? ''));
    expect(await read(START, 4)).toBeNull();
    expect(events).toEqual([path.resolve(JSON_FILES, `${START + MINUTE}.json`)]);
    await write(rows.slice(0, 4));
    expect(await read(START, 4)).toEqual(rows.slice(0, 4));
    stop();
  });

  test('is not looked at with legacy: false', async () => {
    setup({ legacy: false }, kit);
    expect(await read(START, 4)).toBeNull();
  });
});
