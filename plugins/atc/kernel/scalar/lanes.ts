/**
 * A state (../layout.ts) as TypeScript reads and writes it: one array per thing, over the same bytes. The engine keeps
 * an array in a register through a loop over lanes; byte offsets looked up in another module would cost three times as
 * much.
 */
import { LENGTHS_PER_FAMILY } from '../../families.js';
import * as at from '../layout.js';

/** Doubles per price record and per row of inner Hull values. */
export const RECORD = at.RECORD_BYTES / 8;
export const ROW = at.ROW_BYTES / 8;

/**
 * Vectors are interleaved (ema, dema), (wma, lsma), (hma, kama): lane 2j and 2j + 1 hold member j of a pair of
 * families.
 */
const PAIR = 2 * LENGTHS_PER_FAMILY;
const HULL = 10;

export class Lanes {
  /** The whole state; price records and rows are read by their index in it. */
  readonly doubles: Float64Array;
  readonly #integers: Int32Array;

  readonly keep: Float64Array;
  readonly take: Float64Array;
  readonly first: Float64Array;
  readonly second: Float64Array;
  readonly gapWeight: Float64Array;

  readonly fitSum: Float64Array;
  readonly fitRamp: Float64Array;
  readonly fitOld: Float64Array;
  /** Distances to earlier records and rows, in doubles: negative. */
  readonly fitBack: Int32Array;

  readonly hullSum: Float64Array;
  readonly hullHalf: Float64Array;
  readonly hullWhole: Float64Array;
  readonly hullRoot: Float64Array;
  readonly hullScale: Float64Array;
  readonly hullHalfBack: Int32Array;
  readonly hullWholeBack: Int32Array;
  readonly hullPlain: Float64Array;
  readonly hullWeighted: Float64Array;
  readonly adaptive: Float64Array;

  /** Three pairs after each other. */
  readonly distance: Float64Array;
  readonly before: Float64Array;
  readonly side: Float64Array;
  readonly equity: Float64Array;
  readonly familyEquity: Float64Array;
  readonly familySignal: Float64Array;

  /** Nine lengths per family, in the order of ATC_FAMILIES. */
  readonly lengths: Int32Array;

  constructor(state: ArrayBuffer) {
    const view = (offset: number, count: number) => new Float64Array(state, offset, count);
    const backs = (offset: number, count: number) => new Int32Array(state, offset, count).map((bytes) => bytes / 8);
    this.doubles = new Float64Array(state);
    this.#integers = new Int32Array(state);
    this.keep = view(at.EMA_KEEP, PAIR);
    this.take = view(at.EMA_TAKE, PAIR);
    this.first = view(at.RECURSIVE, PAIR);
    this.second = view(at.RECURSIVE + at.SECOND, PAIR);
    this.gapWeight = view(at.GAP_WEIGHT, PAIR);
    this.fitSum = view(at.FIT_SUM, PAIR);
    this.fitRamp = view(at.FIT_RAMP, PAIR);
    this.fitOld = view(at.FIT_OLD, PAIR);
    this.fitBack = backs(at.FIT_BACK, PAIR);
    this.hullSum = view(at.HULL_SUM, HULL);
    this.hullHalf = view(at.HULL_HALF, HULL);
    this.hullWhole = view(at.HULL_WHOLE, HULL);
    this.hullRoot = view(at.HULL_ROOT, HULL);
    this.hullScale = view(at.HULL_SCALE, HULL);
    this.hullHalfBack = backs(at.HULL_HALF_BACK, HULL);
    this.hullWholeBack = backs(at.HULL_WHOLE_BACK, HULL);
    this.hullPlain = view(at.HULL_PLAIN, HULL);
    this.hullWeighted = view(at.HULL_WEIGHTED, HULL);
    this.adaptive = view(at.RECURSIVE + at.ADAPTIVE, HULL);
    this.distance = view(at.DISTANCE, 3 * PAIR);
    this.before = view(at.BEFORE, 3 * PAIR);
    this.side = view(at.SIDE, 3 * PAIR);
    this.equity = view(at.EQUITY, 3 * PAIR);
    this.familyEquity = view(at.FAMILY_EQUITY, 6);
    this.familySignal = view(at.FAMILY_SIGNAL, 6);
    this.lengths = new Int32Array(state, at.LENGTHS, 6 * LENGTHS_PER_FAMILY);
  }

  /** By byte offset, for what is read once a bar or less. */
  get(offset: number): number {
    return this.doubles[offset >> 3];
  }

  set(offset: number, value: number): void {
    this.doubles[offset >> 3] = value;
  }

  integer(offset: number): number {
    return this.#integers[offset >> 2];
  }

  setInteger(offset: number, value: number): void {
    this.#integers[offset >> 2] = value;
  }
}
