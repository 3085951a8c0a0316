/** The first i in [low, high) for which `reached` holds, else `high`; it must not go back to false. */
export function bisect(low: number, high: number, reached: (i: number) => boolean): number {
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (reached(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
