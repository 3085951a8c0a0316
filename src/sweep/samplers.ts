/**
 * How trials are chosen. Trial number i is the same for every caller and in every process: it depends on the seed and
 * on i.
 */
import { AtcError } from '../errors.js';
import type { Constraint } from './constraints.js';
import { randomOf } from './random.js';
import { sobolPoints } from './sobol.js';
import {
  applies,
  assemble,
  levelsOf,
  type ParameterValue,
  type SearchSpace,
  type TrialParameters,
  valueAt,
  valueOfLevel,
} from './space.js';
import { proposeTpe, type ScoredTrial, STARTUP_TRIALS } from './tpe.js';

/** grid: every combination; random; sobol: evenly spread; tpe: learns from finished trials. */
export type SamplerName = 'grid' | 'random' | 'sobol' | 'tpe';

export const SAMPLERS: readonly SamplerName[] = ['grid', 'random', 'sobol', 'tpe'];

export interface Sampler {
  /** Trials that there are at all; Infinity unless it is a grid. */
  readonly size: number;
  /** Whether a proposal depends on finished trials. */
  readonly learns: boolean;
  /** `finished` matters to samplers that learn only. */
  propose(trial: number, finished: readonly ScoredTrial[]): TrialParameters;
}

/** Draws that break a constraint before a space counts as empty. */
const MOST_ATTEMPTS = 10_000;

/** Combinations of a grid that are looked at one by one, because of conditions or constraints. */
const LARGEST_SIEVE = 20_000_000;

export function createSampler(
  name: SamplerName,
  space: SearchSpace,
  constraints: readonly Constraint[],
  seed: number,
): Sampler {
  const isAllowed = (parameters: TrialParameters) => constraints.every(({ test }) => test(parameters));
  switch (name) {
    case 'grid':
      return gridSampler(space, constraints.length === 0 ? undefined : isAllowed);
    case 'random':
      return {
        size: Number.POSITIVE_INFINITY,
        learns: false,
        propose: (trial) => drawRandom(space, isAllowed, seed, trial),
      };
    case 'sobol':
      return sobolSampler(space, isAllowed, seed);
    case 'tpe':
      return {
        size: Number.POSITIVE_INFINITY,
        learns: true,
        propose: (trial, finished) => {
          if (finished.length < STARTUP_TRIALS) return drawRandom(space, isAllowed, seed, trial);
          const random = randomOf(seed, trial, 2);
          return firstAllowed(isAllowed, () => proposeTpe(space, finished, random));
        },
      };
    default:
      throw new AtcError('ARGUMENT', `sampler is ${JSON.stringify(name)}; allowed: ${SAMPLERS.join(', ')}`, {
        key: 'sampler',
      });
  }
}

function firstAllowed(
  isAllowed: (parameters: TrialParameters) => boolean,
  draw: () => TrialParameters,
): TrialParameters {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const parameters = draw();
    if (isAllowed(parameters)) return parameters;
  }
  throw new AtcError(
    'ARGUMENT',
    `none of ${MOST_ATTEMPTS} draws meets the constraints; widen the space or the constraints`,
  );
}

function drawRandom(space: SearchSpace, isAllowed: (p: TrialParameters) => boolean, seed: number, trial: number) {
  const random = randomOf(seed, trial, 1);
  return firstAllowed(isAllowed, () => assemble(space, (_, distribution) => valueAt(distribution, random())));
}

/** Points that break a constraint are passed over, so the trials after them move up. */
function sobolSampler(space: SearchSpace, isAllowed: (p: TrialParameters) => boolean, seed: number): Sampler {
  const point = sobolPoints(Object.keys(space).length, seed);
  const found: number[] = [];
  let next = 0;
  const parametersOf = (index: number) => {
    const at = point(index);
    return assemble(space, (_, distribution, d) => valueAt(distribution, at[d]));
  };
  return {
    size: Number.POSITIVE_INFINITY,
    learns: false,
    propose(trial) {
      while (found.length <= trial) {
        firstAllowed(isAllowed, () => parametersOf(next++));
        found.push(next - 1);
      }
      return parametersOf(found[trial]);
    },
  };
}

function gridSampler(space: SearchSpace, isAllowed: ((p: TrialParameters) => boolean) | undefined): Sampler {
  const names = Object.keys(space);
  const levels = names.map((name) => {
    const count = levelsOf(space[name]);
    if (Number.isFinite(count)) return count;
    throw new AtcError('ARGUMENT', `parameter ${name} has no step: a grid needs one; or use another sampler`, {
      key: name,
    });
  });
  const combinations = levels.reduce((product, count) => product * count, 1);
  if (!Number.isSafeInteger(combinations))
    throw new AtcError('ARGUMENT', `a grid of ${combinations} trials is too large`);
  /**
   * Undefined for a combination that says the same as another: a parameter that does not apply is not at its first
   * value.
   */
  const parametersOf = (combination: number): TrialParameters | undefined => {
    const digits: number[] = new Array(names.length);
    let left = combination;
    for (let k = names.length - 1; k >= 0; k--) {
      digits[k] = left % levels[k];
      left = Math.floor(left / levels[k]);
    }
    const parameters: Record<string, ParameterValue> = {};
    for (const [k, name] of names.entries()) {
      if (applies(space[name], parameters)) parameters[name] = valueOfLevel(space[name], digits[k]);
      else if (digits[k] !== 0) return undefined;
    }
    return parameters;
  };
  const isSieved = isAllowed !== undefined || names.some((name) => space[name].when !== undefined);
  if (!isSieved)
    return { size: combinations, learns: false, propose: (trial) => parametersOf(trial) as TrialParameters };
  if (combinations > LARGEST_SIEVE) {
    throw new AtcError(
      'ARGUMENT',
      `a grid of ${combinations} combinations with conditions or constraints is too large`,
    );
  }
  const found: number[] = [];
  for (let combination = 0; combination < combinations; combination++) {
    const parameters = parametersOf(combination);
    if (parameters !== undefined && (isAllowed?.(parameters) ?? true)) found.push(combination);
  }
  if (found.length === 0) throw new AtcError('ARGUMENT', 'no combination of the grid meets the constraints');
  return { size: found.length, learns: false, propose: (trial) => parametersOf(found[trial]) as TrialParameters };
}
