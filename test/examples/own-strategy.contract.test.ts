/** examples/own-strategy as a user would run it: compiled, by the same runner, on threads and from every layout. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BacktestResult, memoryTable, openDataset, runBacktest, type Strategy, writeDataset } from 'atc-memory';
import { atcStrategy } from 'atc-memory/atc';
import ts from 'typescript';

const SOURCE = path.join(import.meta.dirname, '../../examples/own-strategy/moving-average-cross.ts');
/** The sources have no compiled worker (test/backtest/workers.contract.test.ts). */
const compiled = atcStrategy().reference!.module.includes('/dist/');
const LENGTH = 20;
const SYMBOLS = ['A', 'B', 'C'];

type Cross = (length?: number) => Strategy<{ above: boolean }>;
let folder = '';
let movingAverageCross: Cross;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-own-'));
  const file = path.join(folder, 'moving-average-cross.mjs');
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  writeFileSync(file, ts.transpileModule(readFileSync(SOURCE, 'utf8'), { compilerOptions }).outputText);
  ({ movingAverageCross } = (await import(pathToFileURL(file).href)) as { movingAverageCross: Cross });
  const source = SYMBOLS.map((symbol, k) => ({ symbol, columns: columnsOf(20_000 + k, k) }));
  for (const layout of ['mapped', 'packed'] as const) {
    (await writeDataset(path.join(folder, layout), source, { layout })).close();
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function columnsOf(rows: number, phase: number) {
  const timestamp = Float64Array.from({ length: rows }, (_, row) => 1_600_000_000_000 + row * 60_000);
  // Whole numbers: sums of them are exact, in whatever order.
  return { timestamp, close: timestamp.map((_, row) => 500 + Math.round(Math.sin(row / 13 + phase) * 200)) };
}

test('it is short', () => {
  expect(readFileSync(SOURCE, 'utf8').split('\n').length).toBeLessThan(60);
});

test('above its average it is long, whatever the blocks', () => {
  const { timestamp, close } = columnsOf(5000, 1);
  const run = movingAverageCross(LENGTH).start(memoryTable('A', { timestamp, close }));
  const signals: number[] = [];
  for (let from = 0, rows = 1; from < close.length; from += rows, rows = (rows * 7) % 97) {
    const part = close.subarray(from, from + rows);
    const block = { start: from, length: part.length, columns: { close: part } };
    signals.push(...(run.push(block).signal as Float64Array));
  }
  const expected = Array.from(close, (price, row) => {
    if (row + 1 < LENGTH) return 0;
    const window = close.subarray(row + 1 - LENGTH, row + 1);
    return price > window.reduce((sum, value) => sum + value, 0) / LENGTH ? 1 : 0;
  });
  expect(signals).toEqual(expected);
  expect(run.finish()).toEqual({ above: expected[4999] === 1 });
});

test('the same runner gives the same result on threads, mapped and packed', async () => {
  const results: BacktestResult<{ above: boolean }>[] = [];
  for (const layout of ['mapped', 'packed']) {
    const dataset = await openDataset(path.join(folder, layout));
    for (const workers of compiled ? [1, 3] : [1]) {
      results.push(await runBacktest(dataset, movingAverageCross(LENGTH), { workers, fee: 0.001 }));
    }
    dataset.close();
  }
  expect(results[0].symbols.map(({ symbol, trading }) => [symbol, trading.trades > 100])).toEqual(
    SYMBOLS.map((symbol) => [symbol, true]),
  );
  for (const result of results) expect(result).toEqual(results[0]);
});
