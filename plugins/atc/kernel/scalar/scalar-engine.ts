import type { AtcEngine, LayerRows } from '../../engine.js';
import { clampGrowth, GROWTH_SPAN, growthBase } from '../../growth.js';
import type { ResolvedAtcParameters } from '../../parameters.js';
import * as at from '../layout.js';
import { createState, LANE_FAMILIES } from '../state.js';
import { writeDistances } from './averages.js';
import { advanceLayers, averageSignal } from './layers.js';
import { rebuild } from './rebuild.js';
import { StateView } from './state-view.js';

/**
 * The WASM kernel's arithmetic in TypeScript, operation by operation: where there is no WebAssembly with SIMD the signals have the
 * same bits, they only take longer. Works on the same state.
 */
export class ScalarEngine implements AtcEngine {
  private readonly state: StateView;
  private readonly rate: number;
  private readonly cutout: number;
  private base = 1;
  private bars = 0;

  constructor(parameters: ResolvedAtcParameters) {
    this.state = new StateView(createState(parameters));
    this.rate = parameters.lambda / 1000;
    this.cutout = parameters.cutout;
  }

  run(closes: Float64Array, signals: Float64Array, layers?: LayerRows): void {
    const { state } = this;
    const shifted = state.integer(at.SHIFTED) !== 0;
    for (let bar = 0; bar < closes.length; bar++) {
      const elapsed = this.bars++ - this.cutout;
      const change = this.advanceRecords(closes[bar]);
      this.advanceEquities(change, elapsed);
      const signal = elapsed >= 0 ? averageSignal(state) : 0;
      signals[bar] = shifted ? state.get(at.PREVIOUS_SIGNAL) : signal;
      state.set(at.PREVIOUS_SIGNAL, signal);
      if (layers === undefined) continue;
      for (let lane = 0; lane < LANE_FAMILIES.length; lane++) {
        const family = LANE_FAMILIES[lane];
        const share = state.get(at.FAMILY_SIGNAL + 8 * lane);
        // One NaN, whatever the processor made.
        layers.layer1[family][bar] = elapsed >= 0 && !Number.isNaN(share) ? share : Number.NaN;
        layers.layer2[family][bar] = elapsed >= 0 ? state.get(at.FAMILY_EQUITY + 8 * lane) : Number.NaN;
      }
    }
  }

  /** Appends the close to the running sums and writes all distances. Returns the bar's return, 0 without one. */
  private advanceRecords(close: number): number {
    const { state } = this;
    if (state.integer(at.POSITION) === state.integer(at.HISTORY) + state.integer(at.SPAN)) rebuild(state);
    const position = state.integer(at.POSITION);
    const record = at.RECORDS + position * at.RECORD_BYTES;
    const last = record - at.RECORD_BYTES;
    const history = state.integer(at.HISTORY) - state.integer(at.ROW_HISTORY);
    const run = state.integer(at.CLEAN_RUN);
    const previous = state.get(at.PREVIOUS_CLOSE);
    let offset = 0;
    let travelled = state.get(last + at.RECORD_TRAVEL);
    let change = 0;
    let cleanRun = 0;
    if (!Number.isNaN(close)) {
      if (state.get(at.ANCHOR) === 0) state.set(at.ANCHOR, close);
      offset = close - state.get(at.ANCHOR);
      state.set(at.REACH, Math.max(state.get(at.REACH), Math.abs(offset)));
      state.set(at.KNOWN_CLOSE, close);
      if (run !== 0) {
        travelled += Math.abs(close - previous);
        change = close / previous - 1;
      }
      cleanRun = Math.min(run + 1, 1 << 30);
    }
    const plain = state.get(last + at.RECORD_PLAIN);
    state.set(record, state.get(last) + plain);
    state.set(record + at.RECORD_PLAIN, plain + offset);
    state.set(record + at.RECORD_CLOSE, close);
    state.set(record + at.RECORD_TRAVEL, travelled);
    state.set(at.PREVIOUS_CLOSE, close);
    state.setInteger(at.CLEAN_RUN, cleanRun);
    state.setInteger(at.POSITION, position + 1);
    const reach = state.get(at.REACH);
    writeDistances(state, {
      record,
      row: state.integer(at.ROWS) + (position - history) * at.ROW_BYTES,
      index: this.bars - 1,
      cleanRun,
      close,
      offset,
      guard: state.get(at.PRICE_GUARD) * (Math.abs(state.get(at.ANCHOR)) + reach) + state.get(at.REACH_GUARD) * reach,
    });
    return change;
  }

  /** Up to the cutout equities stay as they are: nothing lost, nothing gained. */
  private advanceEquities(change: number, elapsed: number): void {
    if (elapsed <= 0) {
      advanceLayers(this.state, 1, 0);
      return;
    }
    if (elapsed % GROWTH_SPAN === 0) this.base = growthBase(this.rate, elapsed / GROWTH_SPAN);
    const factor = clampGrowth(this.base * this.state.get(at.GROWTH + 8 * (elapsed % GROWTH_SPAN)));
    const growth = change * factor;
    advanceLayers(this.state, this.state.get(at.KEPT), Number.isNaN(growth) ? 0 : growth);
  }
}
