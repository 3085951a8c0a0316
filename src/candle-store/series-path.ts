/**
 * Directories of series: exchange / symbol / interval. Usual names are used as they are (`binance/BTCUSDT/1m`); others
 * are percent-encoded and end in `~` and a digest, so that no two names meet on a file system that ignores case, and
 * none leaves its directory.
 */

import path from 'node:path';
import { AtcError, shown } from '../errors.js';
import { createHash } from '../io/crypto.js';

/** Names a series; any text, the path is made safe. */
export interface SeriesName {
  /** Such as `binance`. */
  readonly exchange: string;
  /** Such as `BTC/USDT`. */
  readonly symbol: string;
  /** Of one candle, such as `1m`. */
  readonly interval: string;
}

/** Each part keeps to one case, so that two plain names differ by more than case. */
const PLAIN = {
  exchange: /^[a-z0-9][a-z0-9_-]*$/,
  symbol: /^[A-Z0-9][A-Z0-9_-]*$/,
  interval: /^[0-9]+[a-z]*$/,
} as const;
/** Names that Windows keeps for devices, whatever their case. */
const RESERVED = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])$/i;
const MAX_PLAIN_LENGTH = 100;

export function seriesPath(root: string, name: SeriesName): string {
  if (typeof name !== 'object' || name === null) {
    throw new AtcError('ARGUMENT', `a series is named by { exchange, symbol, interval }, got ${shown(name)}`);
  }
  return path.join(root, encode('exchange', name), encode('symbol', name), encode('interval', name));
}

/** What files of a series are bound to: the last three parts of its directory, with `/`. The store itself may move. */
export function seriesIdentity(directory: string): string {
  return path.resolve(directory).split(path.sep).slice(-3).join('/');
}

/** The name of a directory's entry, or undefined when it is none of ours. */
export function decodePart(entry: string): string | undefined {
  if (!entry.includes('~')) return entry;
  const [encoded, digest] = [entry.slice(0, entry.lastIndexOf('~')), entry.slice(entry.lastIndexOf('~') + 1)];
  try {
    const name = decodeURIComponent(encoded);
    return digestOf(name) === digest ? name : undefined;
  } catch {
    return undefined;
  }
}

function encode(part: keyof SeriesName, names: SeriesName): string {
  const name: unknown = names[part];
  if (typeof name !== 'string') throw new AtcError('ARGUMENT', `${part} must be a string, got ${shown(name)}`);
  if (PLAIN[part].test(name) && !RESERVED.test(name) && name.length <= MAX_PLAIN_LENGTH) return name;
  if (/\p{Surrogate}/u.test(name))
    throw new AtcError('ARGUMENT', `${part} must be Unicode, got ${JSON.stringify(name)}`);
  // encodeURIComponent leaves these as they are; `.` and `~` mean something here, `*` and `'` do to Windows and shells.
  const escaped = encodeURIComponent(name).replace(
    /[.~*'()!]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${escaped}~${digestOf(name)}`;
}

function digestOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 8);
}
