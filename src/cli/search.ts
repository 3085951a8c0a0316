/** What `atc sweep` and `atc walk-forward` search over: their common flags and the configuration. */
import { type AtcParameters, atcSweep } from 'atc-memory/atc';
import { AtcError } from '../errors.js';
import { type CommonOptions, resolveOptions, storageAndParameters } from './options.js';
import type { SearchFlags } from './sweep-options.js';

/** Options of `sweep` and `walkForward` alike. Throws ARGUMENT where nothing is searched. */
export async function searchOf(sources: readonly string[], flags: CommonOptions & SearchFlags) {
  const { param, objective, sampler, trials, seed, constraint, workers, fee, slippage } = flags;
  if (param === undefined || Object.keys(param.space).length === 0) {
    throw new AtcError(
      'ARGUMENT',
      'nothing is searched: give at least one range or list, such as --param emaLength=10..40:2',
    );
  }
  const { history, fixed } = await historyOf(flags, param.fixed);
  return {
    source: sources.length === 1 ? sources[0] : sources,
    history,
    strategy: atcSweep(fixed),
    space: param.space,
    objective,
    sampler,
    trials,
    seed,
    constraints: constraint,
    workers,
    fee,
    slippage,
  };
}

/** The configuration splits into how history is stored and parameters of the strategy; flags come before both. */
async function historyOf(flags: CommonOptions, given: AtcParameters) {
  const { history, parameters } = storageAndParameters(await resolveOptions(flags));
  return { history, fixed: { ...parameters, ...given } as AtcParameters };
}
