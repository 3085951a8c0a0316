/** backtest-kit, as the user has it installed: the same strategy with its candles stored in every way. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { CandleStorage } from 'atc-memory/backtest-kit';
import { diskUsage } from '../../io/disk-usage.js';
import { isPresent } from '../../io/json-file.js';
import { createDirectories } from '../../io/path-kind.js';
import { removePath } from '../../io/plain-files.js';
import type { BenchContext } from './context.js';
import { type JobOutcome, runJob } from './fresh-process.js';
import { MARKETS, makeCandles } from './made-up-candles.js';
import { requireSameResults } from './same-results.js';
import type { Section } from './section.js';
import { type BenchTable, measureOf, ratioOf } from './table.js';
import { UserTree } from './user-tree.js';

interface KitRun {
  readonly digest: string;
  readonly requests: number;
  readonly bytes: number;
  readonly files: number;
}

const BASE = 'json, warm';

export const section: Section = {
  name: 'backtest-kit',
  async run(context) {
    const version = context.tree.version('backtest-kit');
    if (version === undefined) return [];
    return [await storages(context, version)];
  },
};

async function storages(context: BenchContext, version: string): Promise<BenchTable> {
  const days = context.isQuick ? 1 : 4;
  const rounds = Math.min(3, context.rounds);
  const outcomes = new Map<string, JobOutcome<KitRun>[]>();
  for (let round = 1; round <= rounds; round += 1) {
    for (const candles of ['dummy', 'json', 'packed', 'mapped'] as const) {
      const directory = path.join(context.work, 'kit', candles);
      removePath(directory);
      for (const phase of candles === 'dummy' ? ['no cache'] : ['cold', 'warm']) {
        const name = candles === 'dummy' ? phase : `${candles}, ${phase}`;
        context.progress(`backtest-kit: ${name}, run ${round} of ${rounds}`);
        const input = { candles, days, directory, tree: context.tree.directory };
        const outcome = await runJob<KitRun>('backtest-kit', 'month', input);
        outcomes.set(name, [...(outcomes.get(name) ?? []), outcome]);
      }
    }
  }
  requireSameResults(
    'backtest-kit',
    [...outcomes.values()].flatMap((runs) => runs.map(({ value }) => value.digest)),
  );
  const base = outcomes.get(BASE) ?? [];
  return {
    name: 'backtest-kit.storage',
    title: `backtest-kit ${version}: ${days} days of minutes, one symbol`,
    columns: [
      { name: 'candles', unit: 'text' },
      { name: `faster than ${BASE}`, unit: 'ratio' },
      { name: `smaller than json`, unit: 'ratio' },
      { name: 'time', unit: 'ms' },
      { name: 'bytes', unit: 'bytes' },
      { name: 'files', unit: 'count' },
    ],
    rows: [...outcomes].map(([name, runs]) => [
      name,
      ratioOf(
        base.map(({ ms }) => ms),
        runs.map(({ ms }) => ms),
      ),
      runs[0].value.bytes === 0 ? null : base[0].value.bytes / runs[0].value.bytes,
      measureOf(runs.map(({ ms }) => ms)),
      runs[0].value.bytes,
      runs[0].value.files,
    ]),
    notes: [
      `A made-up market and a strategy that asks for 60 candles every 15 minutes; ${rounds} runs in turns, each in ` +
        'a process of its own, cold with an empty directory, warm with what the cold run left. The results were the ' +
        'same. Bytes: lengths of the files, not blocks on the disk.',
    ],
  };
}

interface Kit {
  addExchangeSchema(schema: object): void;
  addStrategySchema(schema: object): void;
  addFrameSchema(schema: object): void;
  getCandles(symbol: string, interval: string, limit: number): Promise<{ close: number }[]>;
  Backtest: { run(symbol: string, context: object): AsyncIterable<object> };
}

interface KitInput {
  readonly candles: CandleStorage;
  readonly days: number;
  readonly directory: string;
  readonly tree: string;
}

export const jobs = {
  async month({ candles, days, directory, tree }: KitInput): Promise<KitRun> {
    createDirectories(directory);
    process.chdir(directory);
    const kit = new UserTree(tree).load<Kit>('backtest-kit');
    const { setup, uninstall } = await import('atc-memory/backtest-kit');
    setup({ candles }, kit);
    const market = prepare(kit, days);
    const results: object[] = [];
    const context = { strategyName: 'away-from-mean', exchangeName: 'made-up', frameName: 'bench' };
    for await (const result of kit.Backtest.run('BTCUSDT', context)) results.push(result);
    uninstall();
    // Ids are random in every run.
    const text = JSON.stringify(results, (key, value) => (/id$/i.test(key) ? undefined : value));
    const used = isPresent('dump') ? diskUsage('dump') : { byteLength: 0, files: 0 };
    // Timers of the host stay active: without this the process would not end.
    setTimeout(() => process.exit(0), 200);
    return {
      digest: createHash('sha256').update(text).digest('hex').slice(0, 16),
      requests: market.requests,
      bytes: used.byteLength,
      files: used.files,
    };
  },
};

const MINUTE_MS = 60_000;
const MARGIN_DAYS = 2;

/** Registers an exchange, a strategy and a period with the host. */
function prepare(kit: Kit, days: number): { requests: number } {
  const columns = makeCandles(MARKETS[0], (days + 2 * MARGIN_DAYS) * 1440, 4);
  const names = Object.keys(columns);
  const first = Number(columns.timestamp[0]);
  const market = { requests: 0 };
  kit.addExchangeSchema({
    exchangeName: 'made-up',
    async getCandles(_symbol: string, _interval: string, since: Date, limit: number) {
      market.requests += 1;
      const from = (since.getTime() - first) / MINUTE_MS;
      const to = Math.min(from + limit, columns.timestamp.length);
      return Array.from({ length: to - from }, (_, i) =>
        Object.fromEntries(names.map((name) => [name, Number(columns[name][from + i])])),
      );
    },
    formatPrice: async (_symbol: string, price: number) => price.toFixed(2),
    formatQuantity: async (_symbol: string, quantity: number) => quantity.toFixed(8),
  });
  kit.addStrategySchema({
    strategyName: 'away-from-mean',
    interval: '15m',
    async getSignal(symbol: string) {
      const candles = await kit.getCandles(symbol, '1m', 60);
      const mean = candles.reduce((sum, { close }) => sum + close, 0) / candles.length;
      const last = candles[candles.length - 1].close;
      if (Math.abs(last / mean - 1) < 0.012) return null;
      const isUp = last > mean;
      return {
        position: isUp ? 'long' : 'short',
        priceTakeProfit: last * (isUp ? 1.01 : 0.99),
        priceStopLoss: last * (isUp ? 0.98 : 1.02),
        minuteEstimatedTime: 240,
        note: 'away from its mean',
      };
    },
  });
  const start = first + MARGIN_DAYS * 1440 * MINUTE_MS;
  kit.addFrameSchema({
    frameName: 'bench',
    interval: '1m',
    startDate: new Date(start),
    endDate: new Date(start + days * 1440 * MINUTE_MS),
  });
  return market;
}
