/**
 * Price - average of every lane at one bar, with the arithmetic of the WASM kernel and none of its shortcuts: a lane waits for its
 * seed, is undefined, or touches the price on its own.
 */
import { LENGTHS_PER_FAMILY } from '../../families.js';
import * as at from '../layout.js';
import { hullAverage, leastSquaresAverage, seedOf, travel, weightedAverage } from './direct.js';
import { innerHull } from './rebuild.js';
import type { StateView } from './state-view.js';

/** The smallest normal double: no window's travel counts as less. */
const TINY = 2.2250738585072014e-308;

export interface Bar {
  /** Byte offsets of this bar's record and row. */
  readonly record: number;
  readonly row: number;
  /** Bars before this one. */
  readonly index: number;
  readonly cleanRun: number;
  readonly close: number;
  /** close - anchor, 0 where there is no close. */
  readonly offset: number;
  readonly guard: number;
}

/** `family` is its place in ATC_FAMILIES. */
function lengthOf(state: StateView, family: number, j: number): number {
  return state.integer(at.LENGTHS + 4 * (LENGTHS_PER_FAMILY * family + j));
}

export function writeDistances(state: StateView, bar: Bar): void {
  for (let j = 0; j < LENGTHS_PER_FAMILY; j++) {
    const pair = at.DISTANCE + 16 * j;
    state.set(pair, bar.close - emaOf(state, bar, j));
    state.set(pair + 8, bar.close - demaOf(state, bar, j));
    state.set(pair + at.PAIR_BYTES, weightedDistance(state, bar, j));
    state.set(pair + at.PAIR_BYTES + 8, fittedDistance(state, bar, j));
    state.set(pair + 2 * at.PAIR_BYTES, hullDistance(state, bar, j));
    state.set(pair + 2 * at.PAIR_BYTES + 8, bar.close - adaptiveOf(state, bar, j));
  }
}

function emaOf(state: StateView, bar: Bar, j: number): number {
  return firstRecursion(state, bar, 16 * j, lengthOf(state, 0, j));
}

function demaOf(state: StateView, bar: Bar, j: number): number {
  const lane = 16 * j + 8;
  const first = firstRecursion(state, bar, lane, lengthOf(state, 3, j));
  const keep = state.get(at.EMA_KEEP + lane);
  const take = state.get(at.EMA_TAKE + lane);
  const offset = at.RECURSIVE + at.SECOND + lane;
  let second = state.get(offset);
  if (Number.isNaN(second)) second = first;
  else if (second !== first) second = keep * second + take * first;
  state.set(offset, second);
  return 2 * first - second;
}

function firstRecursion(state: StateView, bar: Bar, lane: number, length: number): number {
  let value = state.get(at.RECURSIVE + lane);
  if (bar.index < length - 1) value = Number.NaN;
  else if (bar.index === length - 1) value = seedOf(state, bar.record, length);
  else if (Number.isNaN(value)) value = bar.close;
  else {
    const take = state.get(at.EMA_TAKE + lane);
    const weight = state.get(at.GAP_WEIGHT + lane) * state.get(at.EMA_KEEP + lane);
    const known = !Number.isNaN(bar.close);
    if (known && value !== bar.close) value = (weight * value + take * bar.close) / (weight + take);
    state.set(at.GAP_WEIGHT + lane, known ? 1 : weight);
  }
  state.set(at.RECURSIVE + lane, value);
  return value;
}

/** Value at the end of a fit over the window, from the running sums: relative to the anchor. */
function fromSums(state: StateView, record: number, lane: number, back: number): number {
  const old = record + state.integer(at.FIT_BACK + back);
  return (
    state.get(at.FIT_SUM + lane) * state.get(record + at.RECORD_PLAIN) +
    state.get(at.FIT_RAMP + lane) * (state.get(old) - state.get(record)) -
    state.get(at.FIT_OLD + lane) * state.get(old + at.RECORD_PLAIN)
  );
}

function weightedDistance(state: StateView, bar: Bar, j: number): number {
  const length = lengthOf(state, 2, j);
  if (bar.cleanRun < length) return Number.NaN;
  const distance = bar.offset - fromSums(state, bar.record, 16 * j, 8 * j);
  return Math.abs(distance) < bar.guard ? bar.close - weightedAverage(state, bar.record, length) : distance;
}

function fittedDistance(state: StateView, bar: Bar, j: number): number {
  const length = lengthOf(state, 4, j);
  if (bar.cleanRun < length) return Number.NaN;
  const distance = bar.offset - fromSums(state, bar.record, 16 * j + 8, 8 * j + 4);
  return Math.abs(distance) < bar.guard ? bar.close - leastSquaresAverage(state, bar.record, length) : distance;
}

function hullDistance(state: StateView, bar: Bar, j: number): number {
  const inner = innerHull(state, bar.record, j);
  const root = state.get(at.HULL_ROOT + 8 * j);
  const plain = state.get(at.HULL_PLAIN + 8 * j);
  const weighted = state.get(at.HULL_WEIGHTED + 8 * j) + root * inner - plain;
  state.set(at.HULL_PLAIN + 8 * j, plain + inner - state.get(bar.row + 8 * j - root * at.ROW_BYTES));
  state.set(at.HULL_WEIGHTED + 8 * j, weighted);
  state.set(bar.row + 8 * j, inner);
  const length = lengthOf(state, 1, j);
  if (bar.cleanRun < length + root - 1) return Number.NaN;
  const distance = bar.offset - weighted * state.get(at.HULL_SCALE + 8 * j);
  return Math.abs(distance) < bar.guard ? bar.close - hullAverage(state, bar.record, length) : distance;
}

function adaptiveOf(state: StateView, bar: Bar, j: number): number {
  const offset = at.RECURSIVE + at.ADAPTIVE + 8 * j;
  const length = lengthOf(state, 5, j);
  let value = state.get(offset);
  if (bar.index === 0) value = bar.close;
  else if (bar.index >= length) {
    if (bar.cleanRun <= length) value = Number.NaN;
    else if (Number.isNaN(value)) value = bar.close;
    else value += paceSquared(state, bar, length) * (bar.close - value);
  }
  state.set(offset, value);
  return value;
}

function paceSquared(state: StateView, bar: Bar, length: number): number {
  const old = bar.record - length * at.RECORD_BYTES;
  const travelled = state.get(bar.record + at.RECORD_TRAVEL);
  const change = Math.abs(bar.close - state.get(old + at.RECORD_CLOSE));
  let noise = travelled - state.get(old + at.RECORD_TRAVEL);
  if (noise < travelled * at.TRAVEL_GUARD && change !== 0) noise = travel(state, bar.record, length);
  const root = (change / Math.max(TINY, noise)) * state.get(at.KAMA_RANGE) + state.get(at.KAMA_SLOW);
  return root * root;
}
