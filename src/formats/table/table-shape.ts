/** What a table must have to be candles, or trades that become candles. */
import { nearestHint } from '../../nearest.js';
import type { RowBatch } from '../batch.js';
import type { Preset } from '../format.js';
import type { ColumnPlan } from './column-plan.js';
import { keyOf } from './title-key.js';

const PRICES = ['price', 'p', 'close'];
const CORE = new Set(['open', 'high', 'low', 'close', 'volume', 'price', 'amount']);
const AMOUNTS = ['amount', 'qty', 'quantity', 'size', 'volume', 'q'];

/** Of a trade only its price and amount are needed. */
export function findTrade(plan: ColumnPlan): ColumnPlan {
  const find = (titles: readonly string[]) => plan.titles.findIndex((title) => titles.includes(keyOf(title)));
  const numbers = [
    { at: find(PRICES), name: 'price' },
    { at: find(AMOUNTS), name: 'amount' },
  ].filter(({ at }) => at >= 0);
  return { ...plan, numbers, leftOut: [] };
}

/**
 * What is wrong with a table that lacks what every table needs, and the column that it lacks; undefined when nothing
 * is.
 */
export function missingColumn(
  { titles, timeAt, numbers }: ColumnPlan,
  preset: Preset | undefined,
): { what: string; column?: string } | undefined {
  const found = `found: ${titles.map((title) => `"${title.trim()}"`).join(', ')}`;
  const help = 'name the columns in order with --columns (such as --columns timestamp,open,high,low,close,volume)';
  if (preset?.rows === 'trades') {
    if (timeAt < 0) return { what: `no time column, ${found}; ${help}` };
    const missing = ['price', 'amount'].find((name) => !numbers.some((one) => one.name === name));
    return missing === undefined
      ? undefined
      : { what: `no column "${missing}" of trades, ${found}; ${help}`, column: missing };
  }
  const names = numbers.map(({ name }) => name);
  const kind = names.includes('open') || names.includes('bid_open') ? undefined : otherKind(titles.map(keyOf));
  if (kind !== undefined) return { what: `these are ${kind} and no candles, ${found}` };
  if (timeAt < 0) return { what: `no time column, ${found}; ${help}` };
  if (names.includes('close') || (names.includes('bid_close') && names.includes('ask_close'))) return undefined;
  return {
    what:
      `no column "close" in the header, ${found}${nearestHint('close', titles).replace(/^; there are.*/, '')}; ` +
      `${help}`,
    column: 'close',
  };
}

/**
 * A time, price or volume whose title stands over two columns of different values: nothing says which is meant.
 * Undefined where there is none.
 */
export function doubledColumn(
  { titles, timeAt, clockAt, numbers }: ColumnPlan,
  rows: readonly (readonly string[])[],
): { what: string; column: string } | undefined {
  const taken = [timeAt, ...numbers.filter(({ name }) => CORE.has(name)).map(({ at }) => at)];
  for (const at of taken) {
    const key = keyOf(titles[at] ?? '');
    const isOther = (k: number) => rows.some((row) => (row[k] ?? '').trim() !== (row[at] ?? '').trim());
    // `t` and `T` of streams are two things.
    const isSame = (title: string) => keyOf(title) === key && (key.length > 1 || title === titles[at]);
    if (key === '' || !titles.some((title, k) => k !== at && k !== clockAt && isSame(title) && isOther(k))) continue;
    const column = titles[at].trim();
    const what = `the title "${column}" stands over two columns of different values`;
    return { what: `${what}; name the columns in order with --columns, "-" skips one`, column };
  }
  return undefined;
}

/** Tables that traders have beside candles. */
function otherKind(keys: readonly string[]): string | undefined {
  const has = (pattern: RegExp) => keys.some((key) => pattern.test(key));
  if (keys.includes('is_snapshot') || (has(/^bids?\[/) && has(/^asks?\[/))) return 'order books';
  if (has(/^strike/) && has(/expir/)) return 'option chains';
  if (has(/funding.?(rate|time)/)) return 'funding rates';
  if (has(/^bid/) && has(/^(ask|offer)/)) return 'quotes (ticks)';
  if (
    ['side', 'is_buyer_maker', 'isbuyermaker', 'trade_id', 'tradeid', 'aggressor_side', 'tickdirection'].some((key) =>
      keys.includes(key),
    )
  )
    return 'trades (--as of a known source and --interval make candles of them)';
  return undefined;
}

const SIDES = ['open', 'high', 'low', 'close'] as const;

/** The decimal between two decimals: their sum in whole billionths is exact, so that the half is rounded once. */
function midOf(bid: number, ask: number): number {
  if (!bid || !ask) return bid || ask;
  const sum = bid + ask;
  const billionths = Math.round(sum * 1e9);
  const isExact = Number.isSafeInteger(billionths) && Math.abs(billionths / 1e9 - sum) <= Math.abs(sum) * 1e-14;
  return isExact ? billionths / 2e9 : sum / 2;
}

/** Candles of bid and ask become candles of the price between them; both stay as columns. */
export function deriveMid(batch: RowBatch): RowBatch {
  const at = (name: string) => batch.schema.findIndex((column) => column.name === name);
  if (at('close') >= 0 || at('bid_close') < 0 || at('ask_close') < 0) return batch;
  const mids = SIDES.map((side) => {
    const bid = batch.columns[at(`bid_${side}`)] as Float64Array;
    const ask = batch.columns[at(`ask_${side}`)] as Float64Array;
    const mid = new Float64Array(batch.rows);
    // A side without a quote is 0 in these files: the other one is all there is.
    for (let row = 0; row < batch.rows; row += 1) mid[row] = midOf(bid[row], ask[row]);
    return mid;
  });
  return {
    ...batch,
    schema: [batch.schema[0], ...SIDES.map((name) => ({ name, dtype: 'float64' as const })), ...batch.schema.slice(1)],
    columns: [batch.columns[0], ...mids, ...batch.columns.slice(1)],
  };
}
