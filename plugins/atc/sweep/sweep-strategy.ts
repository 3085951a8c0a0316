/** ATC as a strategy of sweeps, which computes once what trials have in common. */
import type { SharedRun, SweepStrategy, TrialParameters } from 'atc-memory/sweep';
import { ATC_KERNEL_VERSION } from '../kernel-version.js';
import { type AtcParameters, resolveAtcParameters } from '../parameters.js';
import { atcStrategy } from '../strategy.js';
import { strategyLocation } from '../strategy-location.js';
import { SharedAtcRun } from './shared-run.js';

/**
 * ATC for `sweep`: parameters of the space by their names in `AtcParameters`; `fixed` holds for every trial.
 *
 * @throws AtcError ARGUMENT for wrong fixed parameters.
 */
export function atcSweep(fixed: AtcParameters = {}): SweepStrategy {
  resolveAtcParameters(fixed);
  const reusable = new ReusableRun();
  const resolved = (parameters: TrialParameters) => ({ ...fixed, ...parameters }) as AtcParameters;
  return {
    name: 'atc',
    version: versionOf(fixed),
    reference: { module: strategyLocation('sweep-strategy.js'), factory: 'atcSweep', parameters: [fixed] },
    figures: ['signal', 'trend'],
    create: (parameters) => atcStrategy(resolved(parameters)),
    share: (table, trials) => reusable.over(table.symbol, trials, resolved),
  };
}

/** The run of the last symbol serves the next one with the same trials: 500 symbols are planned once. */
class ReusableRun {
  #key = '';
  #idle: SharedAtcRun | undefined;

  over(
    symbol: string,
    trials: readonly TrialParameters[],
    resolved: (parameters: TrialParameters) => AtcParameters,
  ): SharedRun {
    const key = JSON.stringify(trials);
    const run = this.#idle !== undefined && key === this.#key ? this.#idle : undefined;
    const shared =
      run ??
      new SharedAtcRun(
        symbol,
        trials.map((one) => resolveAtcParameters(resolved(one))),
      );
    run?.restart(symbol);
    this.#key = key;
    // Nobody else's while it runs; one that is given up is not used again.
    this.#idle = undefined;
    return {
      push: (closes, sink) => shared.push(closes, sink),
      finish: () => {
        if (this.#key === key) this.#idle = shared;
        return shared.finish();
      },
    };
  }
}

/** What is fixed identifies a study as its space does. */
function versionOf(fixed: AtcParameters): string {
  const given = Object.entries(fixed).filter(([, value]) => value !== undefined);
  given.sort(([a], [b]) => (a < b ? -1 : 1));
  return given.length === 0
    ? String(ATC_KERNEL_VERSION)
    : `${ATC_KERNEL_VERSION} ${JSON.stringify(Object.fromEntries(given))}`;
}
