/** A finished study as columns, and back: a row a trial. */
import type { Columns } from '../dtype.js';
import { createHash } from '../io/crypto.js';
import type { Goal } from './objective.js';
import type { ParameterValue, SearchSpace, TrialParameters } from './space.js';
import type { TrialTable } from './trial-table.js';

/** Identifies a trial by everything that its result depends on: 16 hexadecimal digits. */
export function trialId(identity: Readonly<Record<string, unknown>>, parameters: TrialParameters): string {
  const { strategy, strategyVersion, snapshot, costs, holdout } = identity;
  const facts = [
    snapshot,
    strategy,
    strategyVersion,
    costs,
    holdout,
    Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1)),
  ];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 16);
}

/** Goals of all trials, by name. */
export function goalColumns(goals: readonly Goal[], table: TrialTable): Record<string, Float64Array> {
  const names = Object.keys(table.figures);
  return Object.fromEntries(
    goals.map(({ name, of }) => {
      const values = new Float64Array(table.parameters.length);
      for (const [trial, parameters] of table.parameters.entries()) {
        const figures = Object.fromEntries(names.map((figure) => [figure, table.figures[figure][trial]]));
        const value = of({ parameters, figures });
        values[trial] = typeof value === 'number' ? value : Number.NaN;
      }
      return [name, values];
    }),
  );
}

const ABSENT = -1;

export function columnsOfStudy(
  space: SearchSpace,
  table: TrialTable,
  objectives: Readonly<Record<string, Float64Array>>,
  ids: BigUint64Array,
): Columns {
  const columns: Columns = { id: ids };
  for (const [name, distribution] of Object.entries(space)) {
    columns[`parameter:${name}`] =
      distribution.type === 'categorical'
        ? Int32Array.from(table.parameters, (one) => (name in one ? distribution.values.indexOf(one[name]) : ABSENT))
        : Float64Array.from(table.parameters, (one) => (one[name] as number | undefined) ?? Number.NaN);
  }
  for (const [name, values] of Object.entries(table.figures)) columns[`figure:${name}`] = values;
  for (const [name, values] of Object.entries(objectives)) columns[`objective:${name}`] = values;
  const trials = table.parameters.length;
  const width = table.slices.length / trials;
  for (let k = 0; k < width; k++) {
    const label = ['count', 'sum', 'squares'][k % 3];
    columns[`slice:${Math.floor(k / 3)}:${label}`] = Float64Array.from(
      { length: trials },
      (_, trial) => table.slices[trial * width + k],
    );
  }
  return columns;
}

export interface StoredTrials {
  readonly table: TrialTable;
  readonly objectives: Readonly<Record<string, Float64Array>>;
}

export function trialsOfColumns(space: SearchSpace, columns: Columns): StoredTrials {
  const trials = columns.id.length;
  const named = (prefix: string) =>
    Object.fromEntries(
      Object.keys(columns)
        .filter((name) => name.startsWith(prefix))
        .map((name) => [name.slice(prefix.length), columns[name] as Float64Array]),
    );
  const values = named('parameter:');
  const parameters = Array.from({ length: trials }, (_, trial) => {
    const one: Record<string, ParameterValue> = {};
    for (const [name, distribution] of Object.entries(space)) {
      const stored = values[name][trial];
      if (distribution.type === 'categorical') {
        if (stored !== ABSENT) one[name] = distribution.values[stored];
      } else if (!Number.isNaN(stored)) one[name] = stored;
    }
    return one;
  });
  const sums = Object.keys(columns).filter((name) => name.startsWith('slice:'));
  const slices = new Float64Array(trials * sums.length);
  for (const [k, name] of sums.entries()) {
    const column = columns[name] as Float64Array;
    for (let trial = 0; trial < trials; trial++) slices[trial * sums.length + k] = column[trial];
  }
  return { table: { parameters, figures: named('figure:'), slices }, objectives: named('objective:') };
}
