/**
 * Which side of an average the price crossed to last: +1, -1, or 0 before the first crossing. Touching counts as the
 * side that is left, not as a crossing; bars where price or average is undefined never change anything.
 */
export class Crossover {
  private side = 0;
  private price = Number.NaN;
  private average = Number.NaN;

  next(price: number, average: number): number {
    if (price > average && this.price <= this.average) this.side = 1;
    else if (price < average && this.price >= this.average) this.side = -1;
    this.price = price;
    this.average = average;
    return this.side;
  }
}
