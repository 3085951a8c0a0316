/**
 * The strategy on the WASM kernel. One instance serves all symbols of a thread: the state of the engine that computes
 * is copied in.
 */
import type { AtcEngine, LayerRows } from '../engine.js';
import { type ResolvedAtcParameters, sameParameters } from '../parameters.js';
import { growTo } from '../wasm-program.js';
import { createGrowthSpans } from './growth-spans.js';
import { movingParts, putMovingParts } from './moving-state.js';
import { createState, historyOf, LANE_FAMILIES } from './state.js';
import type { AtcWasm } from './wasm-module.js';

/** Bars per call: what goes in and comes out stays in the caches. */
const CHUNK = 2048;
const CHUNK_BYTES = CHUNK * 8;
/** Spans of 64 bars that a chunk can touch. */
const SPANS = CHUNK / 64 + 2;

/** Arrays after the state: closes, signals, growth of the spans, twelve for the layers. */
const EXCHANGE_BYTES = 2 * CHUNK_BYTES + SPANS * 8 + 12 * CHUNK_BYTES;

/** The engine whose state lies in the memory of the kernel; the others hold their own. */
let resident: WasmEngine | undefined;

/** The fresh state of the last parameters: runs over many symbols start from the same bytes. */
let fresh: { parameters: ResolvedAtcParameters; history: number; state: Uint8Array } | undefined;

function freshState(parameters: ResolvedAtcParameters, history: number): Uint8Array {
  if (fresh === undefined || fresh.history !== history || !sameParameters(fresh.parameters, parameters)) {
    fresh = { parameters, history, state: new Uint8Array(createState(parameters, history)) };
  }
  return fresh.state;
}

export class WasmEngine implements AtcEngine {
  /** What to copy in: the shared fresh state until this engine was displaced for the first time. */
  #state: Uint8Array;
  #displaced = false;
  readonly #growth;
  #bars = 0;
  readonly #wasm: AtcWasm;

  constructor(parameters: ResolvedAtcParameters, wasm: AtcWasm, history = historyOf(parameters)) {
    this.#wasm = wasm;

    this.#state = freshState(parameters, history);
    this.#growth = createGrowthSpans(parameters);
  }

  run(closes: Float64Array, signals: Float64Array, layers?: LayerRows): void {
    this.#enter();
    const exchange = this.#wasm.memory.buffer;
    const closesAt = this.#state.length;
    const signalsAt = closesAt + CHUNK_BYTES;
    const growthAt = signalsAt + CHUNK_BYTES;
    const layersAt = growthAt + SPANS * 8;
    const input = new Float64Array(exchange, closesAt, CHUNK);
    const output = new Float64Array(exchange, signalsAt, CHUNK);
    const spans = new Float64Array(exchange, growthAt, SPANS);
    for (let from = 0; from < closes.length; from += CHUNK) {
      const count = Math.min(CHUNK, closes.length - from);
      input.set(closes.subarray(from, from + count));
      this.#growth(this.#bars, count, spans);
      this.#wasm.run(count, closesAt, signalsAt, growthAt, layers === undefined ? 0 : layersAt, CHUNK_BYTES);
      this.#bars += count;
      signals.set(output.subarray(0, count), from);
      if (layers !== undefined) copyLayers(exchange, layersAt, count, layers, from);
    }
  }

  /** Copies the state of the last user out and this one's in, unless it is there already. */
  #enter(): void {
    if (resident === this) return;
    const { memory } = this.#wasm;
    if (resident !== undefined) resident.#displace();
    growTo(memory, this.#state.length + EXCHANGE_BYTES);
    new Uint8Array(memory.buffer).set(this.#state);
    resident = this;
  }

  #displace(): void {
    const current = this.#residentState();
    if (this.#displaced) this.#state.set(current);
    else this.#state = current.slice();
    this.#displaced = true;
  }

  save(): Uint8Array {
    return movingParts(resident === this ? this.#residentState() : this.#state);
  }

  resume(saved: unknown, bars: number): boolean {
    const state = this.#state.slice();
    if (!putMovingParts(state, saved, bars, true)) return false;
    this.#state = state;
    this.#displaced = true;
    this.#bars = bars;
    return true;
  }

  #residentState(): Uint8Array {
    return new Uint8Array(this.#wasm.memory.buffer, 0, this.#state.length);
  }

  finish(): void {
    if (resident === this) resident = undefined;
  }
}

function copyLayers(exchange: ArrayBuffer, at: number, count: number, layers: LayerRows, to: number): void {
  for (const [lane, family] of LANE_FAMILIES.entries()) {
    layers.layer1[family].set(new Float64Array(exchange, at + lane * CHUNK_BYTES, count), to);
    layers.layer2[family].set(new Float64Array(exchange, at + (6 + lane) * CHUNK_BYTES, count), to);
  }
}
