/** The first i in [low, high) for which `reached` holds, else `high`; from there on it must hold. */
export function bisect(low: number, high: number, reached: (i: number) => boolean): number {
  let [from, to] = [low, high];
  while (from < to) {
    const middle = Math.floor((from + to) / 2);
    if (reached(middle)) to = middle;
    else from = middle + 1;
  }
  return from;
}
