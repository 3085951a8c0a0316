/** What the columns of a CSV file are, from its header line. */
import { type CsvLine, csvDamage } from './csv-damage.js';

/** Header names that are taken for the time of a candle's open, in order of preference. Compared in lower case. */
const TIME_NAMES = ['timestamp', 'time', 'datetime', 'date', 'open_time', 'opentime', 'ts'];
const SYMBOL_NAMES = ['symbol', 'ticker', 'pair'];
/** Short header names of exchanges' exports. */
const ALIASES: Readonly<Record<string, string>> = {
  o: 'open',
  h: 'high',
  l: 'low',
  c: 'close',
  v: 'volume',
  vol: 'volume',
};
export interface CsvHeader {
  readonly names: readonly string[];
  readonly width: number;
  readonly timeAt: number;
  readonly symbolAt: number;
  /** Cell of each number column after the timestamp, and what the file calls it. */
  readonly numbersAt: readonly number[];
  readonly titles: readonly string[];
  readonly delimiter: string;
}

/** The columns by their names; CORRUPT where the time or a column that must be there is missing, or a name is there twice. */
export function readHeader(
  cells: readonly string[],
  delimiter: string,
  required: readonly string[],
  { path, line }: CsvLine,
): CsvHeader {
  const titles = cells.map((cell) => cell.trim());
  const keys = titles.map((title) => {
    const key = title.toLowerCase();
    return Object.hasOwn(ALIASES, key) ? ALIASES[key] : key;
  });
  const found = `found: ${titles.map((title) => `"${title}"`).join(', ')}`;
  const timeAt = keys.indexOf(TIME_NAMES.find((name) => keys.includes(name)) ?? '');
  if (timeAt < 0) throw csvDamage(path, line, `no time column; one of ${TIME_NAMES.join(', ')} is needed, ${found}`);
  const symbolAt = keys.indexOf(SYMBOL_NAMES.find((name) => keys.includes(name)) ?? '');
  const numbersAt = keys.flatMap((key, at) => (at === timeAt || at === symbolAt || key === '' ? [] : [at]));
  const names = ['timestamp', ...numbersAt.map((at) => keys[at])];
  for (const name of required) {
    if (!names.includes(name)) throw csvDamage(path, line, `no column "${name}" in the header, ${found}`, name);
  }
  const repeated = names.find((name, at) => names.indexOf(name) !== at);
  if (repeated !== undefined) throw csvDamage(path, line, `two columns are called "${repeated}"; rename one`, repeated);
  return { names, width: cells.length, timeAt, symbolAt, numbersAt, titles, delimiter };
}
