/** Files of one symbol that are candles of several lengths, or trades beside quotes: which of them make the table. */
import { AtcError } from '../errors.js';
import type { ReadContext, SourceFile } from './format.js';

interface Found {
  readonly file: SourceFile;
  readonly context: ReadContext;
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5, D: 864e5, w: 6048e5, W: 6048e5 };

/** Candles of 60m are those of 1h. Months have no length in ms: they stay as they are written. */
function lengthOf(interval: string): number | string {
  const match = /^(\d+)([smhdDwW])$/.exec(interval);
  return match === null ? interval : Number(match[1]) * UNIT_MS[match[2]];
}

/**
 * The files that make one table of each symbol; `onLeftOut` gets the others. ARGUMENT where candles of several lengths
 * are found and `interval` does not say which are wanted.
 */
export function filesOfOneKind<T extends Found>(
  files: readonly T[],
  interval: string | undefined,
  onLeftOut: (file: SourceFile, why: string) => void,
): T[] {
  const bySymbol = new Map<string, T[]>();
  for (const one of files) {
    const list = bySymbol.get(one.context.symbol);
    if (list === undefined) bySymbol.set(one.context.symbol, [one]);
    else list.push(one);
  }
  const left = new Set<T>();
  for (const [symbol, all] of bySymbol) {
    const wanted = sameLength(symbol, all, interval);
    for (const one of all) {
      if (wanted.has(one)) continue;
      left.add(one);
      onLeftOut(one.file, `candles of ${intervalOf(one)} (--interval ${interval})`);
    }
    const kept = all.filter((one) => wanted.has(one));
    if (!kept.some((one) => !isQuote(one))) continue;
    for (const one of kept.filter(isQuote)) {
      left.add(one);
      onLeftOut(one.file, `quotes, because trades of ${symbol} are there`);
    }
  }
  return files.filter((one) => !left.has(one));
}

/** What name and folders say of the length of its candles, words such as `daily` included. */
function intervalOf({ context }: Found): string | undefined {
  return context.facts.interval ?? context.named?.interval;
}

function isQuote({ context }: Found): boolean {
  return context.facts.columns?.includes('bid_open') === true;
}

function sameLength<T extends Found>(symbol: string, files: readonly T[], interval: string | undefined): Set<T> {
  const byLength = new Map<number | string, T>();
  for (const one of files) {
    const own = intervalOf(one);
    if (own !== undefined && !byLength.has(lengthOf(own))) byLength.set(lengthOf(own), one);
  }
  if (byLength.size < 2) return new Set(files);
  const wanted = interval === undefined ? undefined : lengthOf(interval);
  if (wanted !== undefined && byLength.has(wanted)) {
    return new Set(
      files.filter((one) => {
        const own = intervalOf(one);
        return own === undefined || lengthOf(own) === wanted;
      }),
    );
  }
  const [one, two] = [...byLength.values()];
  const lengths = [...byLength.values()].map(intervalOf);
  throw new AtcError(
    'ARGUMENT',
    `${symbol}: ${one.file.path} has candles of ${lengths[0]} and ${two.file.path} those of ${lengths[1]}; ` +
      `say which are wanted with --interval (${lengths.join(', ')})`,
    { path: two.file.path },
  );
}
