/**
 * Which columns predict which. Columns that run side by side (open, high, low, close; bid, ask) are found by their
 * values, not by their names; then the cheapest tree of predictors over a sample of rows is taken, every column after
 * its refs.
 */
import type { Predictor, Units } from './predictors.js';
import { groupScores, type Scored, soloScores } from './relation-costs.js';
import { sampleRows } from './sample.js';

/** Columns run side by side when their distance, summed over a sample, is below this share of their size. */
const NEARNESS = 0.1;
/** Columns of a group; the search grows with the cube. */
const MAX_GROUP = 6;
/** Longest chain of refs an encoder builds. */
const MAX_DEPTH = 4;

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

/** Predictors of a column without refs, the best first. */
export function soloPredictors(units: readonly Units[], column: number): Predictor[] {
  const scored = soloScores(units[column]);
  // A raw column has no sign to code: one bit less than its magnitude suggests against the others.
  return scored.sort((x, y) => x.cost - y.cost);
}

/**
 * Ranked predictors for every column of a group, none of them circular: for each root the other columns are ordered
 * greedily, the cheapest next one first, and the cheapest root wins. A column's alternatives use only columns before it
 * in that order.
 */
export function relate(units: readonly Units[], group: readonly number[]): Map<number, Predictor[]> {
  const ranked = groupScores(units, group);
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
