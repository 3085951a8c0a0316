/** Flags of `atc sweep` and `atc walk-forward`: what is searched and by what it is judged. */
import { ATC_DEFAULTS, type AtcParameters } from 'atc-memory/atc';
import type { Distribution, NamedObjective, SamplerName } from 'atc-memory/sweep';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { nearestHint } from '../nearest.js';
import { shareOption, workersOption } from './options.js';

export interface SearchFlags {
  readonly param?: SweptParameters;
  readonly objective: readonly NamedObjective[];
  readonly sampler?: SamplerName;
  readonly trials?: number;
  readonly seed?: number;
  readonly constraint?: readonly string[];
  readonly workers?: number;
  readonly fee?: number;
  readonly slippage?: number;
}

/** Parameters that are searched, and those that have one value. */
export interface SweptParameters {
  readonly space: Readonly<Record<string, Distribution>>;
  readonly fixed: AtcParameters;
}

export function withSearchOptions(command: Command): Command {
  return command
    .addOption(sweptOption())
    .addOption(objectiveOption())
    .addOption(new Option('--sampler <name>', 'how trials are chosen').choices(['grid', 'random', 'sobol', 'tpe']))
    .addOption(wholeOption('--trials <count>', 'how many; default the whole grid, 100 for other samplers', 1))
    .addOption(wholeOption('--seed <number>', 'the same seed gives the same trials', 0))
    .addOption(
      new Option('--constraint <rule>', 'a rule such as "emaLength < kamaLength"; may be repeated').argParser(
        (text: string, before: readonly string[] = []) => [...before, text],
      ),
    )
    .addOption(shareOption('--fee <share>', 'fee of every trade, as a share: 0.001 is 0.1 %'))
    .addOption(shareOption('--slippage <share>', 'what every trade loses against the close, as a share'))
    .addOption(workersOption());
}

export function wholeOption(flags: string, description: string, least: number): Option {
  return new Option(flags, description).argParser((text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`A whole number from ${least} is allowed.`);
  });
}

function sweptOption(): Option {
  const known = Object.keys(ATC_DEFAULTS);
  return new Option(
    '--param <name=values>',
    'emaLength=10..40:2 (from, to, step), lambda=0.01..0.1 (any number between, :log for even in the logarithm), ' +
      'robustness=Narrow,Wide (a list), decay=0.03 (one value); may be repeated',
  ).argParser((text: string, before: SweptParameters = { space: {}, fixed: {} }) => {
    const [name, values] = text.split(/=(.*)/s);
    if (values === undefined) throw new InvalidArgumentError('The form is name=values.');
    if (!known.includes(name)) {
      throw new InvalidArgumentError(`There is no parameter "${name}"${nearestHint(name, known)}`);
    }
    if (Object.hasOwn(before.space, name) || Object.hasOwn(before.fixed, name)) {
      throw new InvalidArgumentError(`${name} is given twice.`);
    }
    const read = distributionOf(values);
    if ('type' in read) return { ...before, space: { ...before.space, [name]: read } };
    return { ...before, fixed: { ...before.fixed, [name]: read.value } };
  });
}

const RANGE = /^(-?[\d.]+(?:e[+-]?\d+)?)\.\.(-?[\d.]+(?:e[+-]?\d+)?)(?::(.+))?$/i;

/** What stands behind `name=`. */
export function distributionOf(text: string): Distribution | { readonly value: number | string | boolean } {
  const range = RANGE.exec(text);
  if (range === null) {
    const values = text.split(',').map((one) => readValue(one.trim()));
    return values.length === 1 ? { value: values[0] } : { type: 'categorical', values };
  }
  const [from, to] = [Number(range[1]), Number(range[2])];
  const step = range[3] === undefined || range[3] === 'log' ? undefined : Number(range[3]);
  if (Number.isNaN(from) || Number.isNaN(to) || (step !== undefined && !(step > 0))) {
    throw new InvalidArgumentError('The form of a range is from..to, from..to:step or from..to:log.');
  }
  if (from > to) throw new InvalidArgumentError(`${range[1]} is above ${range[2]}: a range runs upwards.`);
  const log = range[3] === 'log' ? { log: true } : {};
  const isWhole = [from, to, step ?? 1].every(Number.isInteger) && !/[.e]/i.test(range[1] + range[2]);
  return { type: isWhole ? 'int' : 'float', from, to, ...(step === undefined ? {} : { step }), ...log };
}

function readValue(text: string): number | string | boolean {
  if (text === '') throw new InvalidArgumentError('A value is missing.');
  if (text === 'true' || text === 'false') return text === 'true';
  return Number.isFinite(Number(text)) ? Number(text) : text;
}

/** `sharpe`, or several: `totalReturn,maxDrawdown`; `name:min` and `name:max` give the direction. */
function objectiveOption(): Option {
  return new Option(
    '--objective <names>',
    'figure to judge by, or several (totalReturn,maxDrawdown:min): a Pareto front',
  )
    .default([{ name: 'sharpe' }], 'sharpe')
    .argParser((text: string): NamedObjective[] =>
      text.split(',').map((one) => {
        const [, name, direction] = /^([A-Za-z]\w*)(?::(min|max))?$/.exec(one.trim()) ?? [];
        if (name === undefined) throw new InvalidArgumentError('The form is name, name:min or name:max.');
        if (direction === undefined) return { name };
        return { name, direction: direction === 'min' ? 'minimize' : 'maximize' };
      }),
    );
}
