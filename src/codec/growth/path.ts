/**
 * The prices behind a compounded result. Row by row y became y * (1 + side * gain), gain the change of some price: a
 * quotient of two whole numbers of ticks, which a double resolves far finer than it has to. From one price the next
 * follows, up to the side: bought p + d, sold p - d made the same. A wrong side shows one step later, where no whole
 * number of ticks fits any more, so a few hypotheses are carried until then and traced back at the end. While nothing
 * was held the price went on unseen: after that it jumps to the nearest one that the fraction allows.
 */
import { denominatorOf, MAX_PRICE, wholeChange } from './rational.js';
import { probeSteps, startingPrice } from './start.js';
import { ROW_JUMP_STEP, ROW_JUMP_TURN, ROW_LITERAL, ROW_SAME, ROW_STEP, ROW_TURN } from './wire.js';

/** Hypotheses carried per row, each a price and a side. */
const BEAM = 4;
/** Candidates for the next row: two sides of three jumps of each. */
const POOL = 6 * BEAM;
/** Costs of what is rare, in bits, more or less. */
const TURN_COST = 6;
const JUMP_COST = 30;
/** Rows after which a result that is mostly jumps is given up. */
const TRIAL_ROWS = 256;

export interface GrowthPath {
  /** ROW_* by row. */
  readonly kinds: Uint8Array;
  /** Prices a row starts from and ends with, in ticks; of steps only. */
  readonly before: Int32Array;
  readonly after: Int32Array;
  readonly steps: number;
}

/** Hypotheses of one row. */
class Beam {
  readonly price = new Float64Array(POOL);
  readonly side = new Int8Array(POOL);
  readonly cost = new Float64Array(POOL);
  /** Price before the row, and where it comes from: parent | turn << 2 | jump << 3. */
  readonly base = new Float64Array(POOL);
  readonly link = new Uint8Array(POOL);
  length = 0;

  add(price: number, side: number, cost: number, base: number, link: number): void {
    if (!(price > 0 && price < MAX_PRICE)) return;
    let at = 0;
    while (at < this.length && !(this.price[at] === price && this.side[at] === side)) at++;
    if (at < this.length && this.cost[at] <= cost) return;
    if (at === this.length) this.length++;
    this.price[at] = price;
    this.side[at] = side;
    this.cost[at] = cost;
    this.base[at] = base;
    this.link[at] = link;
  }

  /** Both sides of a step from `base`. */
  branch(from: Beam, parent: number, base: number, gain: number, jumpCost: number): void {
    const change = wholeChange(base, gain);
    if (change === 0) return;
    for (let side = 1; side >= -1; side -= 2) {
      const turn = side !== from.side[parent];
      const cost = from.cost[parent] + jumpCost + (turn ? TURN_COST : 0);
      this.add(base + side * change, side, cost, base, parent | (turn ? 4 : 0) | (jumpCost > 0 ? 8 : 0));
    }
  }

  #move(from: number, to: number): void {
    for (const field of [this.price, this.side, this.cost, this.base, this.link]) {
      const kept = field[to];
      field[to] = field[from];
      field[from] = kept;
    }
  }

  /** The cheapest ones to the front, the others away. */
  prune(): void {
    for (let place = 0; place < BEAM && place < this.length; place++) {
      let best = place;
      for (let i = place + 1; i < this.length; i++) if (this.cost[i] < this.cost[best]) best = i;
      if (best !== place) this.#move(best, place);
    }
    if (this.length > BEAM) this.length = BEAM;
  }
}

/** Prices near those of the beam that the fraction of a gain allows. */
function jump(next: Beam, from: Beam, gain: number): void {
  const grain = denominatorOf(gain);
  if (grain < 1) return;
  for (let parent = 0; parent < from.length; parent++) {
    const nearest = Math.max(1, Math.floor(from.price[parent] / grain + 0.5));
    for (let multiple = Math.max(1, nearest - 1); multiple <= nearest + 1; multiple++) {
      const distance = Math.abs(multiple * grain - from.price[parent]);
      next.branch(from, parent, multiple * grain, gain, JUMP_COST + (32 - Math.clz32(distance)));
    }
  }
}

/** The prices of a result, or undefined for one that does not come from prices. */
export function growthPath(values: Float64Array): GrowthPath | undefined {
  const n = values.length;
  const probes = probeSteps(values);
  const start = probes && startingPrice(values, probes);
  if (start === undefined) return undefined;
  const words = new Int32Array(values.buffer, values.byteOffset, 2 * n);
  const kinds = new Uint8Array(n);
  const bases = new Int32Array(BEAM * n);
  const links = new Uint8Array(BEAM * n);
  let beam = new Beam();
  let next = new Beam();
  beam.add(start, 1, 0, start, 0);
  let steps = 0;
  let rare = 0;
  for (let i = 0; i < n; i++) {
    if (i > 0 && words[2 * i] === words[2 * i - 2] && words[2 * i + 1] === words[2 * i - 1]) {
      kinds[i] = ROW_SAME;
      continue;
    }
    const gain = i > 0 && values[i] > 0 && values[i - 1] > 0 ? values[i] / values[i - 1] - 1 : Number.NaN;
    next.length = 0;
    if (Math.abs(gain) < 1) {
      for (let parent = 0; parent < beam.length; parent++) next.branch(beam, parent, beam.price[parent], gain, 0);
      if (next.length === 0) {
        jump(next, beam, gain);
        rare++;
      }
    }
    if (next.length === 0) {
      kinds[i] = ROW_LITERAL;
      rare++;
      continue;
    }
    next.prune();
    kinds[i] = ROW_STEP;
    steps++;
    for (let k = 0; k < next.length; k++) {
      bases[BEAM * i + k] = next.base[k];
      links[BEAM * i + k] = next.link[k];
    }
    [beam, next] = [next, beam];
    if (i >= TRIAL_ROWS && rare * 2 > steps) return undefined;
  }
  return trace(values, kinds, bases, links, steps);
}

/** From the cheapest hypothesis of the last row back to the first. */
function trace(
  values: Float64Array,
  kinds: Uint8Array,
  bases: Int32Array,
  links: Uint8Array,
  steps: number,
): GrowthPath {
  const n = kinds.length;
  const before = new Int32Array(n);
  const after = new Int32Array(n);
  let hypothesis = 0;
  for (let i = n - 1; i >= 0; i--) {
    if (kinds[i] !== ROW_STEP) continue;
    const link = links[BEAM * i + hypothesis];
    before[i] = bases[BEAM * i + hypothesis];
    const turn = (link & 4) !== 0;
    if ((link & 8) !== 0) kinds[i] = turn ? ROW_JUMP_TURN : ROW_JUMP_STEP;
    else if (turn) kinds[i] = ROW_TURN;
    hypothesis = link & 3;
  }
  let side = 1;
  for (let i = 0; i < n; i++) {
    if (kinds[i] === ROW_SAME || kinds[i] === ROW_LITERAL) continue;
    if (kinds[i] === ROW_TURN || kinds[i] === ROW_JUMP_TURN) side = -side;
    after[i] = before[i] + side * wholeChange(before[i], values[i] / values[i - 1] - 1);
  }
  return { kinds, before, after, steps };
}
