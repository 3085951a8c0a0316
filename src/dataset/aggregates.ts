/**
 * What becomes of each column when several rows become one: known by the names that sources use, in any case and
 * spelling.
 */
import { AtcError, shown } from '../errors.js';
import { nearestHint } from '../nearest.js';

/**
 * How the values of one column in a bucket become one. NaN counts as no value; without any value the result is NaN.
 * `weighted`: the mean, weighted by the volume of the base currency.
 */
export type Aggregate = 'first' | 'max' | 'min' | 'last' | 'sum' | 'weighted';

const AGGREGATES: readonly Aggregate[] = ['first', 'max', 'min', 'last', 'sum', 'weighted'];

/** Names in lower case, letters and digits only. */
const KNOWN: readonly (readonly [RegExp, Aggregate])[] = [
  [/^(bid|ask|mid|mark|index)?_?(o|open)(price)?(bid|ask|mid)?$/, 'first'],
  [/^(bid|ask|mid|mark|index)?(h|high)(price)?(bid|ask|mid)?$/, 'max'],
  [/^(bid|ask|mid|mark|index)?(l|low)(price)?(bid|ask|mid)?$/, 'min'],
  [/^(bid|ask|mid|mark|index)?(c|close|last)(price)?(bid|ask|mid)?$/, 'last'],
  [/^(price|bid|ask|mid|bidprice|askprice|adj(usted)?close(price)?|closeadj(usted)?|settle(ment)?(price)?)$/, 'last'],
  [/^(oi|openint|openinterest|open?interest(usd|value)?)$/, 'last'],
  [/^(close|end)time$/, 'last'],
  [/^(open|start|begin)time$/, 'first'],
  [
    /^(vwap|vw|wap|(volume)?weighted(average)?(price)?|(average|avg|mean)price|priceaverage|vwapprice|pricevwap)$/,
    'weighted',
  ],
  [/^dividends?$/, 'sum'],
];
/** Words that a volume's name may be made of besides `volume` itself. */
const WORDS =
  'base|quote|asset|currency|ccy|coin|contracts?|taker|maker|buyer|seller|buy|sell|bid|ask|up|down|tick|real|total|' +
  'trade[ds]?|shares?|lots?|money|usd|notional|from|to|in|of|the';
const VOLUME = new RegExp(`^(${WORDS})*(volumes?|vol)(${WORDS})*$`);
const TAKER_PART = /^taker(buy|sell)?(base|quote)(asset)?$/;
const COUNT = /^((number|num|no|n|count)?(of)?(trades?|transactions?|ticks?)(count|num|number)?|n|count|txns?)$/;
const AMOUNT = /^((base|quote|trade)?(amount|qty|quantity|turnover)|notional|size|(dollar|traded)value)$/;
/** `Volume BTC`, `volume_(usd)`, `btc_volume`: the currency stands beside it. */
const CURRENCY_AFTER = /^vol(?:ume)?[\s_.([-]+([a-z0-9]{2,10})[)\]]?$/;
const CURRENCY_BEFORE =
  /^(btc|xbt|eth|bnb|usdt?|usdc|busd|fdusd|dai|eur|gbp|jpy|krw|try|brl|aud|cad|chf)[\s_.-]*volume$/;
/** What turns a volume into something that is no sum. */
const DERIVED =
  /^(s?ma|ema|wma|avg|average|mean|std|stdev|ratio|change|chg|pct|delta|osc|rank|roc|min|max|profile|rsi|zscore|weighted|rate|\d+)/;

/** The aggregate of a column by its name; undefined for a name that says nothing. */
export function usualAggregate(name: string): Aggregate | undefined {
  const lower = name.trim().toLowerCase();
  const joined = lower.replace(/[^\p{L}\p{N}]/gu, '');
  const known = KNOWN.find(([pattern]) => pattern.test(joined));
  if (known !== undefined) return known[1];
  if (isVolume(lower, joined) || TAKER_PART.test(joined) || COUNT.test(joined) || AMOUNT.test(joined)) return 'sum';
  return undefined;
}

function isVolume(lower: string, joined: string): boolean {
  if (VOLUME.test(joined) || CURRENCY_BEFORE.test(lower)) return true;
  const after = CURRENCY_AFTER.exec(lower);
  return after !== null && !DERIVED.test(after[1]);
}

/** The column that weights: the volume, and of several that of the base; -1 when there is none. */
export function baseVolume(names: readonly string[]): number {
  const joined = names.map((name) => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, ''));
  const exact = joined.findIndex((name) => /^(base(asset)?)?(volume|vol)(base)?$|^v$/.test(name));
  if (exact >= 0) return exact;
  return names.findIndex(
    (name, k) =>
      isVolume(name.trim().toLowerCase(), joined[k]) && !/quote|taker|maker|buy|sell|bid|ask|usd|money/.test(joined[k]),
  );
}

/**
 * The aggregate of every column, those given first. Names in `given` match without case where that is unambiguous.
 * ARGUMENT for one that names no column or no aggregate, for a column that nothing is known of, and for `weighted`
 * without a volume.
 */
export function resolveAggregates(
  names: readonly string[],
  given: Readonly<Record<string, Aggregate>>,
  symbol: string,
): Aggregate[] {
  const chosen = new Map<string, Aggregate>();
  for (const [name, kind] of Object.entries(given)) {
    const column = matchName(name, names);
    if (column === undefined) {
      throw new AtcError('ARGUMENT', `aggregates: no column "${name}"${nearestHint(name, names)}`, { column: name });
    }
    if (!AGGREGATES.includes(kind)) {
      throw new AtcError('ARGUMENT', `aggregates.${name} must be one of ${AGGREGATES.join(', ')}, got ${shown(kind)}`);
    }
    chosen.set(column, kind);
  }
  const kinds = names.map((name) => chosen.get(name) ?? usualAggregate(name));
  const unknown = names.filter((_, k) => kinds[k] === undefined);
  if (unknown.length > 0) {
    const example = `aggregates: { ${unknown.map((name) => `${JSON.stringify(name)}: 'last'`).join(', ')} }`;
    throw new AtcError(
      'ARGUMENT',
      `${symbol}: how rows of ${unknown.map((name) => `"${name}"`).join(', ')} become one is not known; ` +
        `name it (${AGGREGATES.join(', ')}), for example ${example}, or leave the column out with columns`,
      { column: unknown[0] },
    );
  }
  const weighted = kinds.indexOf('weighted');
  if (weighted >= 0 && baseVolume(names) < 0) {
    throw new AtcError(
      'ARGUMENT',
      `${symbol}: "${names[weighted]}" is an average by volume, and there is no volume to weight it with; give ` +
        'aggregates for it',
      { column: names[weighted] },
    );
  }
  return kinds as Aggregate[];
}

/** A name as the table spells it: as it is, or the only one that differs in case alone. */
export function matchName(name: string, names: readonly string[]): string | undefined {
  if (names.includes(name)) return name;
  const alike = names.filter((candidate) => candidate.toLowerCase() === name.toLowerCase());
  return alike.length === 1 ? alike[0] : undefined;
}
