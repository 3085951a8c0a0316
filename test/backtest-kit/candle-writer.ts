/** A process that writes candles and prints what it reads of them, for tests that run several of them or kill one. */
import type { Child } from '../io/child.js';
import { MINUTE, START } from './candles.js';

export const SERIES = { exchange: 'binance', symbol: 'BTCUSDT', interval: '1m' };

export interface CandleWriterOptions {
  readonly directory: string;
  /** Its number, written as the close: whose candle a candle is. */
  readonly tag: number;
  readonly rows: number;
  /** Candles of one write. */
  readonly pace: number;
  readonly sealRows: number;
  readonly order?: 'up' | 'down' | 'mixed';
  readonly layout?: 'packed' | 'mapped';
  readonly durability?: 'process' | 'power';
  /** Waits for a line of input after the first write. */
  readonly pauses?: boolean;
}

/** After every write it prints the pairs [row, close] as the store has them then; 'done' at the end. */
export function candleWriter({
  directory,
  tag,
  rows,
  pace,
  order = 'up',
  pauses = false,
  ...options
}: CandleWriterOptions) {
  return (dist: string) => `
  import { openCandleStore } from ${JSON.stringify(`${dist}/index.js`)};
  import { writeSync } from 'node:fs';
  const series = openCandleStore(${JSON.stringify(directory)},
    ${JSON.stringify(options)}).series(${JSON.stringify(SERIES)});
  const order = Array.from({ length: ${rows} }, (_, i) => i);
  if ('${order}' === 'down') order.reverse();
  if ('${order}' === 'mixed') order.sort((a, b) => (a * 7919 + ${tag} * 31) % 997 - (b * 7919 + ${tag} * 31) % 997);
  for (let i = 0; i < order.length; i += ${pace}) {
    const some = order.slice(i, i + ${pace}).map((row) => ({
      timestamp: ${START} + row * ${MINUTE}, open: row, high: row, low: row, close: ${tag}, volume: 1 }));
    series.write(some);
    await series.flush();
    const seen = some.map(({ timestamp }) =>
      [(timestamp - ${START}) / ${MINUTE}, series.read(timestamp, 1, 1)[0].close]);
    writeSync(1, JSON.stringify(seen) + '\\n');
    if (i === 0 && ${pauses}) await new Promise((resolve) => process.stdin.once('data', resolve));
    if (i % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  writeSync(1, 'done\\n');
  if (${pauses}) process.stdin.destroy();`;
}

/** What a writer printed until it ended, or was killed: row to close. */
export async function acknowledged(child: Child, onLine?: (count: number) => void): Promise<Map<number, number>> {
  const seen = new Map<number, number>();
  for (let count = 1; ; count++) {
    const line = await child.line().catch(() => 'done');
    if (line === 'done') return seen;
    for (const [row, close] of JSON.parse(line) as [number, number][]) seen.set(row, close);
    onLine?.(count);
  }
}
