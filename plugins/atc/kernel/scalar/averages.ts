/**
 * Price - average of every lane at one bar, with the arithmetic of the WASM kernel and none of its shortcuts: a lane
 * waits for its seed, is undefined, or touches the price on its own.
 */
import { LENGTHS_PER_FAMILY } from '../../families.js';
import { KAMA_RANGE, KAMA_SLOW, TRAVEL_GUARD } from '../layout.js';
import { hullAverage, leastSquaresAverage, seedOf, travel, weightedAverage } from './direct.js';
import { type Lanes, RECORD, ROW } from './lanes.js';

/** Imported constants are looked up at every use: the ones of the loops are cached here. */
const NINE = LENGTHS_PER_FAMILY;
const PAIR = 2 * NINE;
const STEP = RECORD;
const ROW_STEP = ROW;
const LOST_DIGITS = TRAVEL_GUARD;

/** The smallest normal double: no window's travel counts as less. */
const TINY = 2.2250738585072014e-308;

export interface Bar {
  /** Indexes of this bar's record and row among the doubles of the state. */
  record: number;
  row: number;
  /** Bars before this one. */
  index: number;
  cleanRun: number;
  close: number;
  /** close - anchor, 0 where there is no close. */
  offset: number;
  guard: number;
}

export function writeDistances(lanes: Lanes, bar: Bar): void {
  exponentialDistances(lanes, bar);
  fittedDistances(lanes, bar);
  hullDistances(lanes, bar);
  adaptiveDistances(lanes, bar);
}

function exponentialDistances(lanes: Lanes, { record, index, close }: Bar): void {
  const { keep, take, first, second, gapWeight, distance, lengths } = lanes;
  const known = !Number.isNaN(close);
  for (let lane = 0; lane < PAIR; lane++) {
    const isDouble = (lane & 1) === 1;
    const length = lengths[(isDouble ? 3 * NINE : 0) + (lane >> 1)];
    let value = first[lane];
    if (index < length - 1) value = Number.NaN;
    else if (index === length - 1) value = seedOf(lanes, record, length);
    else if (Number.isNaN(value)) value = close;
    else {
      const gap = gapWeight[lane];
      if (known && value !== close) {
        // Without a gap the weights sum to exactly 1.
        if (gap === 1) value = keep[lane] * value + take[lane] * close;
        else {
          const weight = gap * keep[lane];
          value = (weight * value + take[lane] * close) / (weight + take[lane]);
        }
      }
      gapWeight[lane] = known ? 1 : gap * keep[lane];
    }
    first[lane] = value;
    if (isDouble) {
      let smooth = second[lane];
      if (Number.isNaN(smooth)) smooth = value;
      else if (smooth !== value) smooth = keep[lane] * smooth + take[lane] * value;
      second[lane] = smooth;
      value = 2 * value - smooth;
    }
    distance[lane] = close - value;
  }
}

/** Weighted averages (even lanes) and least-squares averages (odd ones), out of the running sums. */
function fittedDistances(lanes: Lanes, { record, cleanRun, close, offset, guard }: Bar): void {
  const { doubles, fitSum, fitRamp, fitOld, fitBack, distance, lengths } = lanes;
  const ramp = doubles[record];
  const plain = doubles[record + 1];
  for (let lane = 0; lane < PAIR; lane++) {
    const length = lengths[((lane & 1) === 1 ? 4 * NINE : 2 * NINE) + (lane >> 1)];
    let apart = Number.NaN;
    if (cleanRun >= length) {
      const old = record + fitBack[lane];
      apart = offset - (fitSum[lane] * plain + fitRamp[lane] * (doubles[old] - ramp) - fitOld[lane] * doubles[old + 1]);
      if (Math.abs(apart) < guard) {
        const average = (lane & 1) === 1 ? leastSquaresAverage : weightedAverage;
        apart = close - average(lanes, record, length);
      }
    }
    distance[PAIR + lane] = apart;
  }
}

function hullDistances(lanes: Lanes, { record, row, cleanRun, close, offset, guard }: Bar): void {
  const { doubles, hullSum, hullHalf, hullWhole, hullRoot, hullScale, hullHalfBack, hullWholeBack } = lanes;
  const { hullPlain, hullWeighted, distance, lengths } = lanes;
  const ramp = doubles[record];
  const plain = doubles[record + 1];
  for (let j = 0; j < NINE; j++) {
    const inner =
      hullSum[j] * plain +
      hullHalf[j] * (doubles[record + hullHalfBack[j]] - ramp) -
      hullWhole[j] * (doubles[record + hullWholeBack[j]] - ramp);
    const root = hullRoot[j];
    const sum = hullPlain[j];
    const weighted = hullWeighted[j] + root * inner - sum;
    hullPlain[j] = sum + inner - doubles[row + j - root * ROW_STEP];
    hullWeighted[j] = weighted;
    doubles[row + j] = inner;
    const length = lengths[NINE + j];
    let apart = Number.NaN;
    if (cleanRun >= length + root - 1) {
      apart = offset - weighted * hullScale[j];
      if (Math.abs(apart) < guard) apart = close - hullAverage(lanes, record, length);
    }
    distance[2 * PAIR + 2 * j] = apart;
  }
}

function adaptiveDistances(lanes: Lanes, { record, index, cleanRun, close }: Bar): void {
  const { doubles, adaptive, distance, lengths } = lanes;
  const travelled = doubles[record + 3];
  const slow = lanes.get(KAMA_SLOW);
  const range = lanes.get(KAMA_RANGE);
  for (let j = 0; j < NINE; j++) {
    const length = lengths[5 * NINE + j];
    let value = adaptive[j];
    if (index === 0) value = close;
    else if (index >= length) {
      if (cleanRun <= length) value = Number.NaN;
      else if (Number.isNaN(value)) value = close;
      else {
        const old = record - length * STEP;
        const change = Math.abs(close - doubles[old + 2]);
        let noise = travelled - doubles[old + 3];
        if (noise < travelled * LOST_DIGITS && change !== 0) noise = travel(lanes, record, length);
        const pace = (change / Math.max(TINY, noise)) * range + slow;
        value += pace * pace * (close - value);
      }
    }
    adaptive[j] = value;
    distance[2 * PAIR + 2 * j + 1] = close - value;
  }
}
