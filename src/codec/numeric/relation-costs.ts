/**
 * What a column costs under each predictor, in eighths of a bit over a sample of rows. The sampled rows of a column are
 * gathered once, so that the loops run over dense arrays; costs are whole numbers, so their order does not matter.
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
import { isWide, magnitude, type Predictor, type Units } from './predictors.js';
import { sampleRows } from './sample.js';

/** Cost of a ref per sampled row: a column alone decodes faster. */
const REF_COST = 0.25;

export interface Scored extends Predictor {
  readonly cost: number;
}

/** Sampled rows and the ones before them; row 0 comes after itself. */
interface Sample {
  readonly here: Units;
  readonly before: Units;
}

function sampleOf(u: Units): Sample {
  const rows = sampleRows(u.length);
  const [here, before] = isWide(u)
    ? [new Float64Array(rows.length), new Float64Array(rows.length)]
    : [new Int32Array(rows.length), new Int32Array(rows.length)];
  for (let k = 0; k < rows.length; k++) {
    const i = rows[k];
    here[k] = u[i];
    before[k] = u[i > 0 ? i - 1 : 0];
  }
  return { here, before };
}

/** Costs of the predictors without refs. */
export function soloScores(u: Units): Scored[] {
  const rows = sampleRows(u.length);
  let none = 0;
  let delta = 0;
  let linear = 0;
  for (let k = 0; k < rows.length; k++) {
    const i = rows[k];
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

/** Of one column against another: the same row, the row before (either way round), the difference of steps. */
interface PairCosts {
  readonly same: number;
  readonly aAfterB: number;
  readonly bAfterA: number;
  readonly spread: number;
}

function pairCosts(a: Sample, b: Sample): PairCosts {
  const [aHere, aBefore, bHere, bBefore] = [a.here, a.before, b.here, b.before];
  let [same, aAfterB, bAfterA, spread] = [0, 0, 0, 0];
  for (let k = 0; k < aHere.length; k++) {
    const gap = aHere[k] - bHere[k];
    same += magnitude(gap);
    aAfterB += magnitude(aHere[k] - bBefore[k]);
    bAfterA += magnitude(bHere[k] - aBefore[k]);
    spread += magnitude(gap - (aBefore[k] - bBefore[k]));
  }
  return { same, aAfterB, bAfterA, spread };
}

function rangeCosts(u: Units, a: Units, b: Units): { most: number; least: number } {
  let [most, least] = [0, 0];
  for (let k = 0; k < u.length; k++) {
    const fromA = u[k] - a[k];
    const fromB = u[k] - b[k];
    // u less the larger of two is the smaller of both differences.
    most += magnitude(Math.min(fromA, fromB));
    least += magnitude(Math.max(fromA, fromB));
  }
  return { most, least };
}

/** Scores of all predictors of every column of a group, the best first. */
export function groupScores(units: readonly Units[], group: readonly number[]): Map<number, Scored[]> {
  const samples = group.map((column) => sampleOf(units[column]));
  const rows = samples[0].here.length;
  const pairs = samples.map((a, i) => samples.map((b, j) => (j > i ? pairCosts(a, b) : undefined)));
  const scoredOf = (column: number) => {
    const i = group.indexOf(column);
    const scored = soloScores(units[column]);
    for (let j = 0; j < group.length; j++) {
      if (j === i) continue;
      const pair = (pairs[i][j] ?? pairs[j][i])!;
      const refs = [group[j]];
      const cost = REF_COST * rows;
      scored.push({ kind: PREDICT_SAME, refs, cost: pair.same + cost });
      scored.push({ kind: PREDICT_PREVIOUS, refs, cost: (i < j ? pair.aAfterB : pair.bAfterA) + cost });
      scored.push({ kind: PREDICT_SPREAD, refs, cost: pair.spread + cost });
      for (let k = 0; k < group.length; k++) {
        if (k === i || group[k] <= group[j]) continue;
        const { most, least } = rangeCosts(samples[i].here, samples[j].here, samples[k].here);
        const both = [group[j], group[k]];
        scored.push({ kind: PREDICT_MAX, refs: both, cost: most + 2 * cost });
        scored.push({ kind: PREDICT_MIN, refs: both, cost: least + 2 * cost });
      }
    }
    return scored.sort((x, y) => x.cost - y.cost);
  };
  return new Map(group.map((column) => [column, scoredOf(column)]));
}
