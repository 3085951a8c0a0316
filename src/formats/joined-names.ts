/**
 * Days, months and years of one series in files of their own (`BTCUSDT-2024-01.csv`, `BTCUSDT-2024-02.csv`): one symbol
 * where the rows prove that the dates in the names are those of the rows.
 */
import type { OpenFile } from './file-reading.js';
import type { Look } from './look.js';
import { type DatedName, datedName } from './names/dated.js';
import { stemOf } from './names/instruments.js';

/** Between the clock of any zone and UTC. */
const MAX_OFFSET_MS = 26 * 3_600_000;

/** The date in the name of a file whose symbol is its whole name, because nothing else says it. */
export function dateOf({ file, context }: OpenFile): DatedName | undefined {
  const stem = stemOf(file.name);
  return context.symbol === stem && context.options.symbol === undefined ? datedName(stem) : undefined;
}

/**
 * The files with their looks; those of one series get the name without the date as their symbol. A series is at least
 * two files whose names share the rest, whose dates do not overlap, and whose first rows lie within their dates: months
 * of futures (`ES_202403`), whose rows begin earlier, and copies of a whole history by the day they were made stay as
 * they are.
 */
export function joinDated(looks: ReadonlyMap<OpenFile, Look>): Map<OpenFile, Look> {
  const series = new Map<string, { readonly one: OpenFile; readonly date: DatedName }[]>();
  for (const one of looks.keys()) {
    const date = dateOf(one);
    if (date === undefined) continue;
    const parts = series.get(date.rest);
    if (parts === undefined) series.set(date.rest, [{ one, date }]);
    else parts.push({ one, date });
  }
  const joined = new Map<OpenFile, string>();
  for (const [rest, parts] of series) {
    const isProven = parts.every(({ one, date }) => beginsWithin(looks.get(one)!, one.context.symbol, date));
    if (isProven && followEachOther(parts.map(({ date }) => date))) for (const { one } of parts) joined.set(one, rest);
  }
  return new Map(
    [...looks].map(([one, look]) => {
      const symbol = joined.get(one);
      if (symbol === undefined) return [one, look];
      const file = { ...one.file, named: { ...one.file.named, symbol } };
      const context = { ...one.context, named: file.named, symbol };
      return [
        { ...one, file, context },
        { ...look, symbols: new Set([symbol]) },
      ];
    }),
  );
}

/** Its rows name no other symbol, and the first one lies within the date. */
function beginsWithin({ symbols, first }: Look, symbol: string, { from, to }: DatedName): boolean {
  return symbols.size === 1 && symbols.has(symbol) && first >= from - MAX_OFFSET_MS && first < to + MAX_OFFSET_MS;
}

/** Several spans, of which no two overlap; equal ones are copies. */
function followEachOther(dates: readonly DatedName[]): boolean {
  const inOrder = [...dates].sort((a, b) => a.from - b.from || a.to - b.to);
  const isNext = (date: DatedName, before: DatedName) =>
    date.from >= before.to || (date.from === before.from && date.to === before.to);
  return (
    inOrder[0].from !== inOrder[inOrder.length - 1].from &&
    inOrder.every((date, k) => k === 0 || isNext(date, inOrder[k - 1]))
  );
}
