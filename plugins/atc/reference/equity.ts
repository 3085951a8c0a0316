/** What an account is never allowed to fall below: a family that failed retains a quarter of a vote. */
export const EQUITY_FLOOR = 0.25;

/** An account that follows a signal with one bar of delay and loses a share each bar, traded or not. */
export class Equity {
  private value: number;
  private open = false;

  /** `kept` is what remains after a bar's decay, 0 to 1. */
  constructor(
    start: number,
    private readonly kept: number,
  ) {
    this.value = start;
  }

  /**
   * `signal` is the previous bar's (only its sign counts), `growth` this bar's weighted return; NaN in either earns
   * nothing. The first call only opens the account. The order of the products is part of the definition.
   */
  next(signal: number, growth: number): number {
    let gain = 0;
    if (!Number.isNaN(growth)) {
      if (signal > 0) gain = growth;
      else if (signal < 0) gain = -growth;
    }
    if (this.open) this.value = this.value * this.kept * (1 + gain);
    this.open = true;
    // Written so that Infinity · 0, which only absurd returns can produce, ends at the floor and not in NaN.
    if (!(this.value >= EQUITY_FLOOR)) this.value = EQUITY_FLOOR;
    return this.value;
  }
}
