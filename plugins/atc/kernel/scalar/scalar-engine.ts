import type { AtcEngine, LayerRows } from '../../engine.js';
import { clampGrowth, GROWTH_SPAN, growthBase } from '../../growth.js';
import type { ResolvedAtcParameters } from '../../parameters.js';
import * as at from '../layout.js';
import { movingParts, putMovingParts } from '../moving-state.js';
import { createState, LANE_FAMILIES } from '../state.js';
import { type Bar, writeDistances } from './averages.js';
import { Lanes, RECORD, ROW } from './lanes.js';
import { advanceLayers, averageSignal } from './layers.js';
import { rebuild } from './rebuild.js';

/**
 * The WASM kernel's arithmetic in TypeScript, operation by operation: where there is no WebAssembly with SIMD the
 * signals have the same bits, they only take longer. Works on the same state.
 */
export class ScalarEngine implements AtcEngine {
  readonly #state: Uint8Array;
  readonly #lanes: Lanes;
  readonly #rate: number;
  readonly #cutout: number;
  #base = 1;
  #bars = 0;
  /** Filled in anew for every bar. */
  readonly #bar: Bar = { record: 0, row: 0, index: 0, cleanRun: 0, close: 0.5, offset: 0.5, guard: 0.5 };

  constructor(parameters: ResolvedAtcParameters, history?: number) {
    const state = createState(parameters, history);
    this.#state = new Uint8Array(state);
    this.#lanes = new Lanes(state);
    this.#rate = parameters.lambda / 1000;
    this.#cutout = parameters.cutout;
  }

  run(closes: Float64Array, signals: Float64Array, layers?: LayerRows): void {
    const lanes = this.#lanes;
    const shifted = lanes.integer(at.SHIFTED) !== 0;
    for (let bar = 0; bar < closes.length; bar++) {
      const elapsed = this.#bars++ - this.#cutout;
      const change = this.#advanceRecords(closes[bar]);
      this.#advanceEquities(change, elapsed);
      const signal = elapsed >= 0 ? averageSignal(lanes) : 0;
      signals[bar] = shifted ? lanes.get(at.PREVIOUS_SIGNAL) : signal;
      lanes.set(at.PREVIOUS_SIGNAL, signal);
      if (layers === undefined) continue;
      for (let lane = 0; lane < LANE_FAMILIES.length; lane++) {
        const family = LANE_FAMILIES[lane];
        const share = lanes.familySignal[lane];
        // One NaN, whatever the processor made.
        layers.layer1[family][bar] = elapsed >= 0 && !Number.isNaN(share) ? share : Number.NaN;
        layers.layer2[family][bar] = elapsed >= 0 ? lanes.familyEquity[lane] : Number.NaN;
      }
    }
  }

  save(): Uint8Array {
    return movingParts(this.#state);
  }

  resume(saved: unknown, bars: number): boolean {
    if (!putMovingParts(this.#state, saved, bars, false)) return false;
    this.#bars = bars;
    const elapsed = Math.max(0, bars - 1 - this.#cutout);
    this.#base = growthBase(this.#rate, Math.floor(elapsed / GROWTH_SPAN));
    return true;
  }

  /** Appends the close to the running sums and writes all distances. Returns the bar's return, 0 without one. */
  #advanceRecords(close: number): number {
    const lanes = this.#lanes;
    const bar = this.#bar;
    const { doubles } = lanes;
    if (lanes.integer(at.POSITION) === lanes.integer(at.HISTORY) + lanes.integer(at.SPAN)) rebuild(lanes);
    const position = lanes.integer(at.POSITION);
    const record = at.RECORDS / 8 + position * RECORD;
    const last = record - RECORD;
    const run = lanes.integer(at.CLEAN_RUN);
    const previous = lanes.get(at.PREVIOUS_CLOSE);
    let offset = 0;
    let travelled = doubles[last + 3];
    let change = 0;
    let cleanRun = 0;
    if (!Number.isNaN(close)) {
      if (lanes.get(at.ANCHOR) === 0) lanes.set(at.ANCHOR, close);
      offset = close - lanes.get(at.ANCHOR);
      lanes.set(at.REACH, Math.max(lanes.get(at.REACH), Math.abs(offset)));
      lanes.set(at.KNOWN_CLOSE, close);
      if (run !== 0) {
        travelled += Math.abs(close - previous);
        change = close / previous - 1;
      }
      cleanRun = Math.min(run + 1, 1 << 30);
    }
    const plain = doubles[last + 1];
    doubles[record] = doubles[last] + plain;
    doubles[record + 1] = plain + offset;
    doubles[record + 2] = close;
    doubles[record + 3] = travelled;
    lanes.set(at.PREVIOUS_CLOSE, close);
    lanes.setInteger(at.CLEAN_RUN, cleanRun);
    lanes.setInteger(at.POSITION, position + 1);
    const reach = lanes.get(at.REACH);
    bar.record = record;
    bar.row = lanes.integer(at.ROWS) / 8 + (position - lanes.integer(at.HISTORY) + lanes.integer(at.ROW_HISTORY)) * ROW;
    bar.index = this.#bars - 1;
    bar.cleanRun = cleanRun;
    bar.close = close;
    bar.offset = offset;
    bar.guard =
      lanes.get(at.PRICE_GUARD) * (Math.abs(lanes.get(at.ANCHOR)) + reach) + lanes.get(at.REACH_GUARD) * reach;
    writeDistances(lanes, bar);
    return change;
  }

  /** Up to the cutout equities stay as they are: nothing lost, nothing gained. */
  #advanceEquities(change: number, elapsed: number): void {
    if (elapsed <= 0) {
      advanceLayers(this.#lanes, 1, 0);
      return;
    }
    if (elapsed % GROWTH_SPAN === 0) this.#base = growthBase(this.#rate, elapsed / GROWTH_SPAN);
    const factor = clampGrowth(this.#base * this.#lanes.get(at.GROWTH + 8 * (elapsed % GROWTH_SPAN)));
    const growth = change * factor;
    advanceLayers(this.#lanes, this.#lanes.get(at.KEPT), Number.isNaN(growth) ? 0 : growth);
  }
}
