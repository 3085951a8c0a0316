/**
 * Which columns predict which. Columns that run side by side (open, high, low, close; bid, ask) are found by their
 * values, not by their names; then the cheapest tree of predictors over a sample of rows is taken, every column after
 * its refs.
 */
import {
  PREDICT_DELTA,
  PREDICT_LINEAR,
  PREDICT_MAX,
  PREDICT_MIN,
  PREDICT_NONE,
  PREDICT_PREVIOUS,
  PREDICT_SAME,
  PREDICT_SPREAD,
} from '../../kernels/kernels.js';
import { expectedUnit, magnitude, type Predictor, type Units } from './predictors.js';
import { sampleRows } from './sample.js';

/** Columns run side by side when their distance, summed over a sample, is below this share of their size. */
const NEARNESS = 0.1;
/** Columns of a group; the search grows with the cube. */
const MAX_GROUP = 6;
/** Longest chain of refs an encoder builds. */
const MAX_DEPTH = 4;
/** Cost of a ref per sampled row, in eighths of a bit: a column alone decodes faster. */
const REF_COST = 0.25;

function nearby(a: ArrayLike<number>, b: ArrayLike<number>, rows: Int32Array): boolean {
  let distance = 0;
  let size = 0;
  let counted = 0;
  for (const row of rows) {
    const gap = Math.abs(a[row] - b[row]);
    if (!(gap < Number.POSITIVE_INFINITY)) continue;
    distance += gap;
    size += Math.abs(a[row]) + Math.abs(b[row]);
    counted++;
  }
  return counted > 0 && size > 0 && distance < (NEARNESS * size) / 2;
}

/** Groups of two or more columns that run side by side; columns are given by `candidates`. */
export function findGroups(columns: readonly ArrayLike<number>[], candidates: readonly number[]): number[][] {
  const groups: number[][] = [];
  for (const column of candidates) {
    const rows = sampleRows(columns[column].length);
    const home = groups.find((group) => group.length < MAX_GROUP && nearby(columns[group[0]], columns[column], rows));
    if (home === undefined) groups.push([column]);
    else home.push(column);
  }
  return groups.filter((group) => group.length > 1);
}

interface Scored extends Predictor {
  readonly cost: number;
}

const ONE_REF = [PREDICT_SAME, PREDICT_PREVIOUS, PREDICT_SPREAD];
const TWO_REFS = [PREDICT_MAX, PREDICT_MIN];

function scoreOf(predictor: Predictor, units: readonly Units[], column: number, rows: Int32Array): Scored {
  const u = units[column];
  const a = predictor.refs.length > 0 ? units[predictor.refs[0]] : u;
  const b = predictor.refs.length > 1 ? units[predictor.refs[1]] : u;
  let cost = 0;
  for (let k = 0; k < rows.length; k++) {
    const i = rows[k];
    cost += magnitude(u[i] - expectedUnit(predictor.kind, u, a, b, i));
  }
  return { ...predictor, cost: cost + REF_COST * predictor.refs.length * rows.length };
}

/** Costs of the predictors without refs, in one pass. */
function soloScores(u: Units): Scored[] {
  let none = 0;
  let delta = 0;
  let linear = 0;
  for (const i of sampleRows(u.length)) {
    const x = u[i];
    none += magnitude(x);
    if (i === 0) continue;
    const step = x - u[i - 1];
    delta += magnitude(step);
    if (i > 1) linear += magnitude(step - (u[i - 1] - u[i - 2]));
  }
  return [
    { kind: PREDICT_NONE, refs: [], cost: none },
    { kind: PREDICT_DELTA, refs: [], cost: delta },
    { kind: PREDICT_LINEAR, refs: [], cost: linear },
  ];
}

/** Predictors of a column without refs, the best first. */
export function soloPredictors(units: readonly Units[], column: number): Predictor[] {
  const scored = soloScores(units[column]);
  // A raw column has no sign to code: one bit less than its magnitude suggests against the others.
  return scored.sort((x, y) => x.cost - y.cost);
}

function groupPredictors(units: readonly Units[], group: readonly number[], column: number): Scored[] {
  const rows = sampleRows(units[column].length);
  const others = group.filter((other) => other !== column);
  const scored = soloScores(units[column]);
  for (const a of others) {
    for (const kind of ONE_REF) scored.push(scoreOf({ kind, refs: [a] }, units, column, rows));
    for (const b of others) {
      if (b <= a) continue;
      for (const kind of TWO_REFS) scored.push(scoreOf({ kind, refs: [a, b] }, units, column, rows));
    }
  }
  return scored.sort((x, y) => x.cost - y.cost);
}

/**
 * Ranked predictors for every column of a group, none of them circular: for each root the other columns are ordered
 * greedily, the cheapest next one first, and the cheapest root wins. A column's alternatives use only columns before it
 * in that order.
 */
export function relate(units: readonly Units[], group: readonly number[]): Map<number, Predictor[]> {
  const ranked = new Map(group.map((column) => [column, groupPredictors(units, group, column)]));
  let best: { order: number[]; cost: number } | undefined;
  for (const root of group) {
    const placement = place(ranked, group, root);
    if (best === undefined || placement.cost < best.cost) best = placement;
  }
  const depths = new Map<number, number>();
  const chosen = new Map<number, Predictor[]>();
  for (const column of best!.order) {
    const usable = ranked
      .get(column)!
      .filter(({ refs }) => refs.every((ref) => (depths.get(ref) ?? MAX_DEPTH) < MAX_DEPTH));
    depths.set(column, 1 + Math.max(0, ...usable.flatMap(({ refs }) => refs.map((ref) => depths.get(ref)!))));
    chosen.set(column, usable);
  }
  return chosen;
}

function place(
  ranked: ReadonlyMap<number, Scored[]>,
  group: readonly number[],
  root: number,
): { order: number[]; cost: number } {
  const order = [root];
  let cost = ranked.get(root)!.find(({ refs }) => refs.length === 0)!.cost;
  while (order.length < group.length) {
    let next = -1;
    let nextCost = Number.POSITIVE_INFINITY;
    for (const column of group) {
      if (order.includes(column)) continue;
      const usable = ranked.get(column)!.find(({ refs }) => refs.every((ref) => order.includes(ref)))!;
      if (usable.cost < nextCost) {
        next = column;
        nextCost = usable.cost;
      }
    }
    order.push(next);
    cost += nextCost;
  }
  return { order, cost };
}
