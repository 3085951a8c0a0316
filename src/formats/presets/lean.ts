/** LEAN's folders: market, resolution, symbol, day and kind stand in the path; nothing of it in the file. */
import type { NameFacts } from '../format.js';

const TYPES = new Set([
  'equity',
  'crypto',
  'cryptofuture',
  'forex',
  'cfd',
  'index',
  'future',
  'option',
  'indexoption',
  'futureoption',
]);
const RESOLUTIONS = ['tick', 'second', 'minute', 'hour', 'daily'];
const INTERVALS: Readonly<Record<string, string>> = { second: '1s', minute: '1m', hour: '1h', daily: '1d' };
const TRADES = 'timestamp,open,high,low,close,volume'.split(',');
const QUOTES =
  'timestamp,bid_open,bid_high,bid_low,bid_close,bid_size,ask_open,ask_high,ask_low,ask_close,ask_size'.split(',');

/** Zones of the data by type and market (LEAN's market-hours database, `dataTimeZone`); of others the user knows it. */
const ZONES: Readonly<Record<string, string>> = {
  'equity/usa': 'America/New_York',
  'equity/india': 'Asia/Kolkata',
  'option/usa': 'America/New_York',
  'option/india': 'Asia/Kolkata',
  'indexoption/usa': 'America/New_York',
  'crypto/*': 'UTC',
  'cryptofuture/*': 'UTC',
  'forex/fxcm': '-05:00',
  'forex/*': 'UTC',
  'cfd/*': 'UTC',
  'future/eurex': 'Europe/Berlin',
  'future/hkfe': 'Asia/Hong_Kong',
  'future/krx': 'Asia/Seoul',
  'future/india': 'Asia/Kolkata',
  'future/*': 'UTC',
  'index/usa': 'America/New_York',
  'index/cboe': 'America/New_York',
  'index/eurex': 'Europe/Berlin',
  'index/hkfe': 'Asia/Hong_Kong',
  'index/india': 'Asia/Kolkata',
  'index/krx': 'Asia/Seoul',
  'index/ose': 'Asia/Tokyo',
};
/** Indices of the USA that are recorded by Chicago's clock. */
const CHICAGO = new Set(['SPX', 'NDX', 'VIX']);

/** The zone of the data of a type and market, undefined where only the user knows it. */
export function leanZone(type: string, market: string): string | undefined {
  return ZONES[`${type}/${market}`] ?? ZONES[`${type}/*`];
}

/** What prices of these types are multiplied by in the files. */
export const LEAN_PRICE_SCALE = 10_000;

/**
 * `20240130_trade.zip` in `equity/usa/minute/acme`; `aapl.zip` in `equity/usa/daily`. The member of the zip is named
 * after it.
 */
export function leanFacts(name: string, folders: readonly string[]): NameFacts | undefined {
  const at = folders.findLastIndex(
    (folder, k) => TYPES.has(folder.toLowerCase()) && RESOLUTIONS.includes(folders[k + 2] ?? ''),
  );
  if (at < 0) return undefined;
  const [type, market, resolution, ticker] = folders.slice(at);
  const archive = folders[folders.length - 1];
  const day = /^(\d{4})(\d{2})(\d{2})_/.exec(name);
  const kind =
    /_(quote|trade|openinterest)(?:_|\.|$)/.exec(name)?.[1] ?? /_(quote|trade|openinterest)\.zip$/.exec(archive)?.[1];
  const plain = name.replace(/\.(csv|zip)$/, '').replace(/^\d{8}_/, '');
  // What follows the kind names the contract: its expiry, of options also right and strike.
  const [own, contract] = plain.split(/_(?:quote|trade|openinterest)(?:_|$)/);
  const base = (day === null ? own : ticker).toUpperCase();
  const symbol = contract === undefined || contract === '' || contract === 'perp' ? base : `${base}_${contract}`;
  if (resolution === 'tick' || kind === 'openinterest')
    return { symbol, otherKind: `${kind === 'openinterest' ? 'open interest' : 'ticks'} of LEAN` };
  const isQuote = kind === 'quote' || (kind === undefined && ['forex', 'cfd'].includes(type));
  const isScaled = ['equity', 'option', 'indexoption'].includes(type);
  return {
    symbol,
    interval: INTERVALS[resolution],
    dayMs: day === null ? undefined : Date.UTC(+day[1], +day[2] - 1, +day[3]),
    zone: type === 'index' && CHICAGO.has(base) ? 'America/Chicago' : leanZone(type, market),
    columns: isQuote ? QUOTES : TRADES,
    priceScale: isScaled ? LEAN_PRICE_SCALE : undefined,
    isCertain: true,
  };
}
