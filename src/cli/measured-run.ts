/** What one run of `atc backtest` measured of itself: the JSON that `--compare` reads from its children. */
import type { AtcBacktestResult } from 'atc-memory/atc';

export interface MeasuredRun {
  readonly result: AtcBacktestResult;
  /** SHA-256 over every row's timestamp, close and signal, in order; only with --digest. */
  readonly rowsDigest: string | undefined;
  readonly seconds: number;
  /** Largest resident set of the process, Node included. */
  readonly peakBytes: number;
}
