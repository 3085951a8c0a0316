/** ATC as a strategy of sweeps, which computes once what trials have in common. */
import type { SweepStrategy, TrialParameters } from 'atc-memory/sweep';
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
  const resolved = (parameters: TrialParameters) => ({ ...fixed, ...parameters }) as AtcParameters;
  return {
    name: 'atc',
    version: versionOf(fixed),
    reference: { module: strategyLocation('sweep-strategy.js'), factory: 'atcSweep', parameters: [fixed] },
    create: (parameters) => atcStrategy(resolved(parameters)),
    share: (table, trials) =>
      new SharedAtcRun(
        table.symbol,
        trials.map((parameters) => resolveAtcParameters(resolved(parameters))),
      ),
  };
}

/** What is fixed identifies a study as its space does. */
function versionOf(fixed: AtcParameters): string {
  const given = Object.entries(fixed).filter(([, value]) => value !== undefined);
  given.sort(([a], [b]) => (a < b ? -1 : 1));
  return given.length === 0
    ? String(ATC_KERNEL_VERSION)
    : `${ATC_KERNEL_VERSION} ${JSON.stringify(Object.fromEntries(given))}`;
}
