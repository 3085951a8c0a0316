/** `atc fetch`: candles of an exchange into a dataset, only those that it does not have yet. */
import { Command, InvalidArgumentError, Option } from 'commander';
import type { CompressionAlgorithm, CompressionLevel } from '../../codec/codec.js';
import { loadConfig } from '../../config/load.js';
import { ccxtHistory } from '../../fetching/ccxt-history.js';
import { keepHistory } from '../../fetching/keep-history.js';
import type { KeptHistory } from '../../fetching/kept-history.js';
import { openExchange, requireSymbols } from '../ccxt-exchange.js';
import { interruptSignal } from '../interrupt.js';
import { algorithmOption, levelOption } from '../options.js';
import { escapeLine, printError, printOut } from '../output.js';
import { createProgress } from '../progress.js';
import { formatNumber, formatTime } from '../text.js';

interface FetchFlags {
  readonly exchange: string;
  readonly symbol: readonly string[];
  readonly interval: string;
  readonly since: string;
  readonly until?: string;
  readonly out: string;
  readonly packed?: boolean;
  readonly level?: CompressionLevel;
  readonly algorithm?: CompressionAlgorithm;
  readonly pageSize?: number;
  readonly concurrency?: number;
  readonly rate?: number;
  readonly retryEmpty?: boolean;
  readonly exchangeOptions?: string;
  readonly json?: boolean;
}

export function fetchCommand(): Command {
  return new Command('fetch')
    .description('fetch candles that a dataset lacks from an exchange (ccxt)')
    .requiredOption('--exchange <id>', 'as ccxt names it, such as binance')
    .requiredOption('--symbol <names...>', 'as ccxt names them, such as BTC/USDT')
    .option('--interval <length>', 'of a candle: 1m, 5m, 1h, 1d', '1m')
    .requiredOption('--since <time>', 'the first candle, such as 2023-01-01')
    .option('--until <time>', 'candles before it; default now, without the candle that is still open')
    .requiredOption('--out <directory>', 'the dataset to make or to continue')
    .option('--packed', 'compress it when it is made; without this the columns are mapped as they are')
    .addOption(levelOption())
    .addOption(algorithmOption())
    .addOption(numberOption('--page-size <candles>', 'candles of a request; default what the exchange gives'))
    .addOption(numberOption('--concurrency <count>', 'requests at once; default 1'))
    .addOption(numberOption('--rate <count>', "requests a second; default the exchange's own limit"))
    .option('--retry-empty', 'ask again where the exchange had no candles')
    .option('--exchange-options <json>', 'settings of ccxt: JSON, or the path of a file with JSON')
    .option('--json', 'print the outcome as JSON')
    .action(fetch);
}

function numberOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value > 0)) throw new InvalidArgumentError('A number above 0 is allowed.');
    return value;
  });
}

async function fetch(flags: FetchFlags): Promise<void> {
  const { exchange: id, symbol: symbols, interval, since, until, out, concurrency, rate, retryEmpty } = flags;
  const config = await loadConfig({
    overrides: { compressionLevel: flags.level, compressionAlgorithm: flags.algorithm },
  });
  const exchange = await openExchange(id, flags.exchangeOptions);
  await requireSymbols(exchange, symbols);
  const progress = createProgress('fetch', 'candles', { quiet: flags.json === true });
  const signal = interruptSignal();
  const fetching = keepHistory({
    ...ccxtHistory(exchange, { pageSize: flags.pageSize }),
    ...{ directory: out, symbols, interval, since, until, concurrency, rate, retryEmpty, signal },
    layout: flags.packed === true ? 'packed' : 'mapped',
    level: config.compressionLevel,
    algorithm: config.compressionAlgorithm,
    onProgress: ({ rows, share }) => progress.update(rows, share),
  });
  const history = await fetching
    .catch((error) => {
      if (signal.aborted) printError('atc: what was fetched is stored; the same command goes on from there');
      throw error;
    })
    .finally(progress.stop);
  try {
    printOut(flags.json === true ? JSON.stringify(outcomeOf(history, flags)) : textOf(history));
  } finally {
    history.close();
  }
}

/** What `--json` prints. */
function outcomeOf(history: KeptHistory, { exchange, interval }: FetchFlags) {
  const { directory, requests, repeated, changed } = history;
  const symbols = history.symbols.map((one) => ({ ...one, ...timesOf(history, one.symbol) }));
  return { directory, exchange, interval, requests, repeated, symbols, changed };
}

function timesOf({ dataset }: KeptHistory, symbol: string) {
  const entry = dataset.entry(symbol);
  return { firstMs: entry?.firstMs, lastMs: entry?.lastMs };
}

function textOf(history: KeptHistory): string {
  const lines = history.symbols.map(({ symbol, rows, added, changed }) => {
    if (rows === 0) return `${escapeLine(symbol)}: the exchange has no candles there`;
    const { firstMs, lastMs } = timesOf(history, symbol);
    const parts = [`${formatNumber(added, 'candle')} fetched`, `${formatNumber(rows, 'candle')} in all`];
    parts.push(`${formatTime(firstMs as number)} to ${formatTime(lastMs as number)}`);
    if (changed > 0) parts.push(`${formatNumber(changed, 'candle')} came with other values than before: left out`);
    return `${escapeLine(symbol)}: ${parts.join(', ')}`;
  });
  const { directory, requests, repeated } = history;
  const again = repeated > 0 ? `, ${repeated} of them repeated` : '';
  return [...lines, `${escapeLine(directory)}: ${formatNumber(requests, 'request')}${again}`].join('\n');
}
