/** `atc info` and `atc verify` of a directory that stores candles of a host. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { candleSeriesIn, inspectSeries, type SeriesFacts } from '../candle-store/inspect.js';
import { CATALOGUE_FILE } from '../dataset/catalogue.js';
import { isPresent } from '../io/json-file.js';
import { interruptSignal } from './interrupt.js';
import { formatBytes, formatCount, formatTable } from './text.js';

export interface CandleStoreFacts {
  readonly kind: 'candles';
  readonly directory: string;
  readonly series: readonly SeriesFacts[];
  readonly candles: number;
  readonly byteLength: number;
}

/** True for a directory with series of candles that is no dataset. */
export function isCandleStore(directory: string): boolean {
  return !isPresent(`${directory}/${CATALOGUE_FILE}`) && candleSeriesIn(directory).length > 0;
}

/** With `everyByte` every checksum is checked; CORRUPT for the first one that does not match. */
export async function candleStoreFacts(directory: string, everyByte: boolean): Promise<CandleStoreFacts> {
  const series: SeriesFacts[] = [];
  for (const name of candleSeriesIn(directory)) {
    await nextTurn();
    interruptSignal().throwIfAborted();
    series.push(inspectSeries(directory, name, everyByte));
  }
  const sum = (of: (one: SeriesFacts) => number) => series.reduce((total, one) => total + of(one), 0);
  return {
    kind: 'candles',
    directory,
    series,
    candles: sum((one) => one.candles),
    byteLength: sum((one) => one.byteLength),
  };
}

export function candleStoreText({ directory, series, candles, byteLength }: CandleStoreFacts): string {
  const rows = series.map((one) => [
    one.exchange,
    one.symbol,
    one.interval,
    formatCount(one.candles),
    String(one.segments + one.journals),
    formatBytes(one.byteLength),
  ]);
  const head = `candles of a host (backtest-kit), ${formatCount(candles)} in ${directory}, ${formatBytes(byteLength)}`;
  return `${head}\n${formatTable(['exchange', 'symbol', 'interval', 'candles', 'files', 'size'], rows)}`;
}
