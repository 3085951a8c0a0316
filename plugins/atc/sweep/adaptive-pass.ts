/** The state of a pass over two Kaufman families, and what a bar weighs in it. */
import { ATC_FAMILIES, LENGTHS_PER_FAMILY, nineLengths } from '../families.js';
import { clampGrowth, GROWTH_SPAN, growthTable } from '../growth.js';
import { KAMA_FASTEST, KAMA_SLOWEST } from '../kama-smoothing.js';
import { createGrowthSpans } from '../kernel/growth-spans.js';
import { spanOf } from '../kernel/state.js';
import type { ResolvedAtcParameters } from '../parameters.js';
import { EQUITY_FLOOR } from '../reference/equity.js';
import * as at from './adaptive-layout.js';
import type { AdaptivePass } from './family-plan.js';

/** Bars per call at most. */
const LONGEST_CALL = 2048;

export function adaptiveStateBytes(history: number): number {
  return at.RECORDS + (history + spanOf(history)) * at.RECORD_BYTES;
}

/** Writes the state before the first bar. `signals`: addresses of both families' signals. */
export function writeAdaptiveState(
  memory: ArrayBuffer,
  address: number,
  { parameters, history }: AdaptivePass,
  signals: readonly [number, number],
): void {
  const bytes = adaptiveStateBytes(history);
  const doubles = new Float64Array(memory, address, bytes / 8);
  const integers = new Int32Array(memory, address, bytes / 4);
  doubles.fill(0);
  const pair = [parameters[0], parameters[parameters.length - 1]];
  const lengths = pair.map(({ kamaLength, robustness }) => nineLengths(kamaLength, robustness));
  integers[at.POSITION / 4] = history;
  integers[at.HISTORY / 4] = history;
  integers[at.SPAN / 4] = spanOf(history);
  integers[at.CLEAN_NEEDED / 4] = Math.max(...lengths.flat()) + 2;
  integers.set(signals, at.SIGNALS / 4);
  const [{ cutout, decay }] = parameters;
  doubles[at.CUTOUT / 8] = cutout;
  doubles[at.KEPT / 8] = 1 - decay / 100;
  doubles[at.PREVIOUS_CLOSE / 8] = Number.NaN;
  doubles[at.SLOW / 8] = KAMA_SLOWEST;
  doubles[at.RANGE / 8] = KAMA_FASTEST - KAMA_SLOWEST;
  for (const lane of [0, 1]) {
    doubles[at.FAMILY_EQUITY / 8 + lane] = Math.max(pair[lane].kamaWeight, EQUITY_FLOOR);
    for (let j = 0; j < LENGTHS_PER_FAMILY; j++) integers[at.LENGTHS / 4 + 2 * j + lane] = lengths[lane][j];
  }
  const vectors = 2 * LENGTHS_PER_FAMILY;
  for (const field of [at.VALUE, at.BEFORE]) doubles.fill(Number.NaN, field / 8, field / 8 + vectors);
  doubles.fill(1, at.EQUITY / 8, at.EQUITY / 8 + vectors);
  for (let record = 0; record < history; record++) {
    doubles[(at.RECORDS + record * at.RECORD_BYTES) / 8] = Number.NaN;
  }
}

/** The return of each bar times the growth of its age, as assembly/atc/index.ts computes it; 0 up to the cutout. */
export class BarWeights {
  readonly #growth;
  readonly #table: Float64Array;
  readonly #spans = new Float64Array(LONGEST_CALL / GROWTH_SPAN + 2);
  readonly #cutout: number;
  #bars = 0;
  #previous = Number.NaN;

  constructor(parameters: ResolvedAtcParameters) {
    this.#growth = createGrowthSpans(parameters);
    this.#table = growthTable(parameters.lambda / 1000);
    this.#cutout = parameters.cutout;
  }

  fill(closes: Float64Array, weights: Float64Array): void {
    this.#growth(this.#bars, closes.length, this.#spans);
    let elapsed = this.#bars - this.#cutout;
    const firstSpan = Math.floor(Math.max(0, elapsed) / GROWTH_SPAN);
    for (let bar = 0; bar < closes.length; bar++) {
      const close = closes[bar];
      let weight = 0;
      if (elapsed > 0) {
        const span = this.#spans[Math.floor(elapsed / GROWTH_SPAN) - firstSpan];
        weight = (close / this.#previous - 1) * clampGrowth(span * this.#table[elapsed % GROWTH_SPAN]);
        if (Number.isNaN(weight)) weight = 0;
      }
      weights[bar] = weight;
      this.#previous = close;
      elapsed += 1;
    }
    this.#bars += closes.length;
  }
}

/** Index of the family that adaptive passes compute. */
export const ADAPTIVE_FAMILY = ATC_FAMILIES.indexOf('kama');
