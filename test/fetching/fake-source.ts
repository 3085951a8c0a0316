/** A source of candles in memory that behaves as exchanges do, well or badly, and counts what it is asked. */
import type { FetchPage, PageRequest } from '../../src/fetching/requests.js';

export type Row = [number, number, number, number, number, number | null];
export const MINUTE = 60_000;
/** Long ago, so that every candle is closed. */
export const START = Date.UTC(2023, 0, 1);

/** Candles that no formula repeats, with values that decimal text would lose. */
export function candle(ms: number): Row {
  const i = ms / MINUTE;
  const open = 20000 + Math.sin(i) * 1000 + 0.1 + 0.2;
  const close = 20000 + Math.cos(i) * 1000;
  return [
    ms,
    open,
    Math.max(open, close) + 1 / 3,
    Math.min(open, close) - 1 / 7,
    close,
    i % 11 === 0 ? null : Math.abs(Math.sin(i * 3)) * 5,
  ];
}

/** `count` candles from START on, without those whose index is in a hole `[from, to)`. */
export function candles(count: number, holes: readonly (readonly [number, number])[] = [], step = MINUTE): Row[] {
  return Array.from({ length: count }, (_, i) => i)
    .filter((i) => !holes.some(([from, to]) => i >= from && i < to))
    .map((i) => candle(START + i * step));
}

export interface Behaviour {
  /** Most rows of a page, whatever is asked for. */
  readonly cap?: number;
  /**
   * `start`: the first `limit` from since on. `end`: the last `limit` before until. `span`: all within [since, until).
   */
  readonly counts?: 'start' | 'end' | 'span';
  /** `until` is not looked at. */
  readonly ignoresUntil?: boolean;
  /** since is rounded down to a multiple of it. */
  readonly roundsTo?: number;
  /** The row before since comes first. */
  readonly repeatsLast?: boolean;
  readonly order?: 'ascending' | 'descending' | 'mixed';
  /** Every row twice. */
  readonly doubles?: boolean;
}

export interface FakeSource {
  readonly fetchPage: FetchPage;
  readonly asked: PageRequest[];
}

export function fakeSource(truth: readonly Row[], behaviour: Behaviour = {}): FakeSource {
  const asked: PageRequest[] = [];
  const fetchPage: FetchPage = async (request) => {
    asked.push(request);
    return answer(truth, request, behaviour);
  };
  return { fetchPage, asked };
}

export function answer(truth: readonly Row[], request: PageRequest, behaviour: Behaviour): Row[] {
  const { cap = 1e9, counts = 'start', ignoresUntil, roundsTo = 1, repeatsLast, order, doubles } = behaviour;
  const since = Math.floor(request.since / roundsTo) * roundsTo;
  const until = ignoresUntil ? Number.POSITIVE_INFINITY : request.until;
  const limit = Math.min(request.limit, cap);
  let within = truth.filter(([ms]) => ms >= since && ms < until);
  if (repeatsLast) {
    const before = truth.filter(([ms]) => ms < since).at(-1);
    if (before !== undefined) within = [before, ...within];
  }
  let rows = counts === 'end' ? within.slice(-limit) : within.slice(0, counts === 'span' ? cap : limit);
  if (doubles) rows = rows.flatMap((row) => [row, row]);
  rows = rows.map((row) => [...row]);
  if (order === 'descending') rows.reverse();
  if (order === 'mixed') rows = [...rows.filter((_, i) => i % 2 === 1), ...rows.filter((_, i) => i % 2 === 0)];
  return rows;
}

/** The rows of a table in the form of a source. */
export function rowsOf(table: { columns: readonly string[]; column(name: string): ArrayLike<number | bigint> }): Row[] {
  const columns = ['timestamp', 'open', 'high', 'low', 'close', 'volume'].map((name) => table.column(name));
  return Array.from(columns[0], (_, i) => {
    const row = columns.map((column) => Number(column[i]));
    return [...row.slice(0, 5), Number.isNaN(row[5]) ? null : row[5]] as Row;
  });
}
