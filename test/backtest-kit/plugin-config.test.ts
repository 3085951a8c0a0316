/** What the configuration file decides. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { onMemoryEvent } from 'atc-memory';
import { thrownBy } from '../io/workspace.js';
import { MINUTE, madeCandles, START } from './candles.js';
import { jsonFiles, kit, OUR_FILES, read, setup, write } from './plugin-fixture.js';

describe('atc.config decides when setup does not', () => {
  test.each([
    [{}, 'packed', true],
    [{ useCompression: true }, 'packed', true],
    [{ useMemoryMapped: true }, 'mapped', true],
    [{ useMemoryMapped: true, useCompression: true }, 'packed', true],
    [{ useCompression: false }, 'json', true],
    [{ useCompression: false, useMemoryMapped: true }, 'mapped', true],
    [{ useCompression: 'read' }, 'packed', 'read'],
    [{ useCompression: 'verify' }, 'packed', 'verify'],
    [{ useCompression: true, services: { 'backtest-kit': { useCompression: false } } }, 'json', true],
    [{ services: { 'backtest-kit': { useMemoryMapped: true, compressionLevel: 9 } } }, 'mapped', true],
  ])('%j', (config, candles, mode) => {
    writeFileSync('atc.config.json', JSON.stringify(config));
    expect(setup({}, kit)).toMatchObject({ candles, mode });
    expect(setup({ candles: 'dummy' }, kit)).toMatchObject({ candles: 'dummy', mode: true });
  });

  test('a configuration file with an error is CONFIG and names the file', () => {
    writeFileSync('atc.config.json', '{ "useCompression": "yes" }');
    expect(thrownBy(() => setup({}, kit))).toMatchObject({ code: 'CONFIG' });
  });

  test("'read': reads ours and the host's, writes the host's", async () => {
    const rows = madeCandles(6);
    setup({}, kit);
    await write(rows.slice(0, 3));
    const before = readFileSync(path.join(OUR_FILES, 'journal-00000001.atcj'));
    writeFileSync('atc.config.json', '{ "useCompression": "read" }');
    setup({}, kit);
    expect(await read(START, 3)).toEqual(rows.slice(0, 3));
    await write(
      rows.slice(1).map((row) => ({ ...row, close: row.close + (row.timestamp < START + 3 * MINUTE ? 1 : 0) })),
    );
    expect(jsonFiles()).toBe(3);
    expect(await read(START, 6)).toEqual(rows);
    expect(await read(START, 7)).toBeNull();
    expect(readFileSync(path.join(OUR_FILES, 'journal-00000001.atcj'))).toEqual(before);
  });

  test("'verify' writes the host's files and emits an event when the bits are the same", async () => {
    writeFileSync('atc.config.json', '{ "useCompression": "verify" }');
    setup({}, kit);
    const events: unknown[] = [];
    const stop = onMemoryEvent('verified', (event) => events.push(event));
    const rows = madeCandles(4);
    await write(rows);
    stop();
    expect(events).toMatchObject([{ service: 'backtest-kit', key: 'binance/BTCUSDT/1m', bytesBefore: 4 * 48 }]);
    expect(await read(START, 4)).toEqual(rows);
    expect(jsonFiles()).toBe(4);
    expect(existsSync(OUR_FILES)).toBe(false);
  });

  test("'verify' never stops the host from storing: a value that cannot be encoded is a difference", async () => {
    writeFileSync('atc.config.json', '{ "useCompression": "verify" }');
    setup({}, kit);
    const events: unknown[] = [];
    const stop = onMemoryEvent('difference', (event) => events.push(event));
    await write(madeCandles(2).map((row) => ({ ...row, '': 1 })));
    stop();
    expect(jsonFiles()).toBe(2);
    expect(events).toMatchObject([
      { service: 'backtest-kit', reason: expect.stringContaining('a column needs a name') },
    ]);
  });
});
