/** Which order of day, month and year a column of dates has, from its first rows: proved, or left open. */
import { type DateOrder, readWrittenTime } from './written-date.js';

/** The order beyond doubt; undefined where the dates need none or prove none (`isOpen`). */
export interface OrderProof {
  readonly order?: DateOrder;
  readonly isOpen: boolean;
}

/**
 * An order is possible when every date exists in it and the dates run one way. Where 01/02/24 could still begin with a
 * year, the order that spans far less time is right: prices are not of one day each year.
 */
export function proveDateOrder(texts: readonly string[]): OrderProof {
  const first = texts.find((text) => text !== '');
  const orders = first === undefined ? undefined : readWrittenTime(first, undefined).orders;
  if (orders === undefined) return { isOpen: false };
  const hasClocks = texts.some((text) => text !== '' && readWrittenTime(text, orders[0]).localMs % 86_400_000 !== 0);
  const possible = orders.flatMap((order) => {
    const span = spanIn(texts, order);
    return span === undefined ? [] : [{ order, span }];
  });
  const withoutYearFirst = possible.filter(({ order }) => order !== 'ymd');
  const yearFirst = possible.find(({ order }) => order === 'ymd');
  if (yearFirst !== undefined && withoutYearFirst.length > 0) {
    const shortest = Math.min(...withoutYearFirst.map(({ span }) => span));
    if (yearFirst.span * 20 < shortest) return { order: 'ymd', isOpen: false };
    if (shortest * 20 >= yearFirst.span || shortest === 0) return { isOpen: true };
    return closest(withoutYearFirst, hasClocks);
  }
  // None is possible: whichever it is read in, the row that is wrong is named.
  if (possible.length === 0) return { order: orders[0], isOpen: false };
  return closest(possible, hasClocks);
}

/** Candles within the day are of days that follow each other, not of one day of each month. */
function closest(possible: readonly { order: DateOrder; span: number }[], hasClocks: boolean): OrderProof {
  const [first, second] = [...possible].sort((a, b) => a.span - b.span);
  if (second === undefined || (hasClocks && first.span > 0 && first.span * 15 < second.span)) {
    return { order: first.order, isOpen: false };
  }
  return { isOpen: true };
}

/** ms between the first and the last date; undefined when one does not exist or they run both ways. */
function spanIn(texts: readonly string[], order: DateOrder): number | undefined {
  let first: number | undefined;
  let last = 0;
  let direction = 0;
  for (const text of texts) {
    if (text === '') continue;
    const { localMs, problem } = readWrittenTime(text, order);
    if (problem !== '') return undefined;
    if (first === undefined) first = localMs;
    else if (localMs !== last) {
      const step = Math.sign(localMs - last);
      if (direction !== 0 && step !== direction) return undefined;
      direction = step;
    }
    last = localMs;
  }
  return Math.abs(last - (first ?? 0));
}
