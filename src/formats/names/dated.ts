/** Names that end or begin with the day, month, quarter, year or range that a file holds: `BTCUSDT-2024-01.csv`. */
import { isPlausibleDate } from './words.js';

export interface DatedName {
  /** The name without the date: `BTCUSDT`. */
  readonly rest: string;
  /** The span of the date in UTC ms; the end is not included. */
  readonly from: number;
  readonly to: number;
}

/** Year; quarter; or month and day, behind the same mark. */
const date = (group: string) =>
  `(?<y${group}>(?:19|20)\\d\\d)(?:-?Q(?<q${group}>[1-4])|(?<s${group}>[-_.]?)(?<m${group}>0[1-9]|1[0-2])` +
  `(?:\\k<s${group}>(?<d${group}>0[1-9]|[12]\\d|3[01]))?)?`;
const MARK = '[\\s_\\-.,]+';
const AT_END = new RegExp(`^(?<rest>.*?)${MARK}\\(?${date('1')}(?:${MARK}(?:to${MARK})?${date('2')})?\\)?$`, 'i');
const AT_START = new RegExp(`^${date('1')}${MARK}(?<rest>.*)$`, 'i');

/** `stem`: a name without its ending. Undefined where it has no date, or nothing else. */
export function datedName(stem: string): DatedName | undefined {
  const groups = (AT_END.exec(stem) ?? AT_START.exec(stem))?.groups;
  if (groups === undefined || !/[a-z]|^\d{4,6}$/i.test(groups.rest) || isPlausibleDate(groups.rest)) return undefined;
  const [from, end] = spanOf(groups, '1');
  const to = groups.y2 === undefined ? end : spanOf(groups, '2')[1];
  return to > from ? { rest: groups.rest, from, to } : undefined;
}

function spanOf(groups: Readonly<Record<string, string | undefined>>, group: string): [from: number, to: number] {
  const [year, quarter, month, day] = ['y', 'q', 'm', 'd'].map((name) => Number(groups[`${name}${group}`] ?? 0));
  if (quarter > 0) return [Date.UTC(year, 3 * quarter - 3), Date.UTC(year, 3 * quarter)];
  if (month === 0) return [Date.UTC(year, 0), Date.UTC(year + 1, 0)];
  if (day === 0) return [Date.UTC(year, month - 1), Date.UTC(year, month)];
  return [Date.UTC(year, month - 1, day), Date.UTC(year, month - 1, day + 1)];
}
