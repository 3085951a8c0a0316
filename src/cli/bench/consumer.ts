/** The consumer that history is measured with: ATC over every symbol, on this thread, however the history is stored. */
import { createHash } from 'node:crypto';
import { type AtcBacktestOptions, atcStrategy, backtest } from 'atc-memory/atc';
import { runBacktest } from '../../backtest/runner.js';
import { MemoryDataset, memoryTable } from '../../dataset/memory.js';
import type { Columns } from '../../dtype.js';
import type { HistorySource } from '../../formats/source.js';

/** Digest of all results of a backtest: equal for every way of keeping the history. */
export async function backtestDigest(source: HistorySource, options: AtcBacktestOptions): Promise<string> {
  const { storage: _, ...result } = await backtest(source, options);
  return digestOf(result);
}

export interface HeapHistory {
  readonly symbol: string;
  /** Called when it is the symbol's turn. */
  readonly columns: () => Columns;
}

/** The same, symbol by symbol, over columns in the heap. */
export async function heapBacktestDigest(histories: readonly HeapHistory[]): Promise<string> {
  const whole = { strategy: '', rows: 0, symbols: [] as unknown[], skipped: [] as unknown[] };
  for (const { symbol, columns } of histories) {
    const dataset = new MemoryDataset([memoryTable(symbol, columns())]);
    const { strategy, rows, symbols, skipped } = await runBacktest(dataset, atcStrategy(), { workers: 1 });
    whole.strategy = strategy;
    whole.rows += rows;
    whole.symbols.push(...symbols);
    whole.skipped.push(...skipped);
  }
  return digestOf(whole);
}

function digestOf(result: unknown): string {
  return createHash('sha256').update(JSON.stringify(result)).digest('hex').slice(0, 16);
}
