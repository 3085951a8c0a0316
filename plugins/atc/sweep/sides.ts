/**
 * The columns of families that passes of the kernel write, and the step from them to the side of a trial's average
 * signal: in WebAssembly, or in TypeScript with the same bits.
 */
import { ATC_FAMILIES } from '../families.js';
import { WASM_BASE64 } from './sides-wasm.generated.js';

declare const WebAssembly:
  | {
      Module: new (bytes: Uint8Array) => object;
      Instance: new (module: object) => { readonly exports: unknown };
    }
  | undefined;

interface SidesWasm {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  sides(columns: number, count: number, long: number, short: number, out: number): void;
  exactSides(columns: number, count: number, long: number, short: number, out: number): void;
  votes(signals: number, equities: number, count: number, long: number, short: number, out: number): void;
  sidesOfVotes(columns: number, count: number, out: number): void;
  sumBeyond(columns: number, count: number, cut: number, isLong: number, out: number): void;
  tolerance(columns: number, count: number, share: number, out: number): void;
  sidesOfSums(longs: number, shorts: number, tolerances: number, count: number, out: number): number;
  isLarge(equities: number, count: number, limit: number): number;
}

/** Bars per step at most. */
export const CHUNK = 2048;
const CHUNK_BYTES = CHUNK * 8;
/** Address of the list of columns of one trial, and of the sides of eight trials. */
const LIST = 0;
const OUT = 128;
const COLUMNS = OUT + CHUNK_BYTES;
const PAGE_BYTES = 65_536;
const LANES = 8;

/** Equities above it: sums are no longer sure to stay finite, nor averages to stay above 0. */
const LARGE = 1e290;

/** Share of all equities: sums in different orders of six numbers differ by less than a sixth of it. */
const ROUNDING = 1e-14;

let compiled: object | undefined;

function instantiate(bytes: number): SidesWasm | undefined {
  try {
    if (typeof WebAssembly === 'undefined') return undefined;
    compiled ??= new WebAssembly.Module(Buffer.from(WASM_BASE64, 'base64'));
    const wasm = new WebAssembly.Instance(compiled).exports as SidesWasm;
    const missing = bytes - wasm.memory.buffer.byteLength;
    if (missing > 0) wasm.memory.grow(Math.ceil(missing / PAGE_BYTES));
    return wasm;
  } catch {
    return undefined;
  }
}

export class SideColumns {
  /** Sides of eight trials: eight bytes a bar. */
  readonly out: Int8Array;
  readonly #wasm: SidesWasm | undefined;
  readonly #memory: ArrayBuffer;
  readonly #doubles: Float64Array;
  readonly #list: Int32Array;
  readonly #extraAt: number;
  readonly #large: boolean[];
  readonly #passes: number;

  constructor(passes: number, extraColumns: number, useWasm = true) {
    this.#passes = passes;

    const families = ATC_FAMILIES.length;
    this.#extraAt = COLUMNS + passes * 2 * families * CHUNK_BYTES;
    const bytes = this.#extraAt + extraColumns * CHUNK_BYTES;
    this.#wasm = useWasm ? instantiate(bytes) : undefined;
    this.#memory = this.#wasm?.memory.buffer ?? new ArrayBuffer(bytes);
    this.#doubles = new Float64Array(this.#memory, 0, bytes / 8);
    this.#list = new Int32Array(this.#memory, LIST, 2 * families);
    this.out = new Int8Array(this.#memory, OUT, CHUNK * LANES);
    this.#large = new Array(passes * families).fill(false);
  }

  /** Where a pass writes the signals (layer 1) or the equities (layer 2) of a family. */
  column(pass: number, family: number, layer: 0 | 1): Float64Array {
    return new Float64Array(this.#memory, this.#at(pass, family, layer), CHUNK);
  }

  #at(pass: number, family: number, layer: 0 | 1): number {
    return COLUMNS + ((pass * ATC_FAMILIES.length + family) * 2 + layer) * CHUNK_BYTES;
  }

  /** After the passes have written `count` bars. */
  written(count: number): void {
    for (let pass = 0; pass < this.#passes; pass++) {
      for (let family = 0; family < ATC_FAMILIES.length; family++) {
        const at = this.#at(pass, family, 1);
        this.#large[pass * ATC_FAMILIES.length + family] =
          this.#wasm === undefined
            ? this.column(pass, family, 1)
                .subarray(0, count)
                .some((equity) => equity > LARGE)
            : this.#wasm.isLarge(at, even(count), LARGE) !== 0;
      }
    }
  }

  /** Whether a trial made of these passes needs the exact way. */
  isLarge(passOf: readonly number[]): boolean {
    return passOf.some((pass, family) => this.#large[pass * ATC_FAMILIES.length + family]);
  }

  /** Writes the votes of one family at one pair of cuts into a column of votes. */
  writeVotes(column: number, pass: number, family: number, count: number, long: number, short: number): void {
    const [signals, equities] = [this.#at(pass, family, 0), this.#at(pass, family, 1)];
    const out = this.#extra(column);
    this.#wasm?.votes(signals, equities, even(count), long, short, out);
  }

  /** Sides of a trial in one lane of `out`, out of its columns of votes. */
  sidesOfVotes(columns: readonly number[], count: number, lane: number): void {
    for (const [k, column] of columns.entries()) this.#list[k] = this.#extra(column);
    this.#wasm?.sidesOfVotes(LIST, even(count), OUT + lane);
  }

  #listFamilies(passOf: readonly number[]): void {
    for (const [family, pass] of passOf.entries()) {
      this.#list[2 * family] = this.#at(pass, family, 0);
      this.#list[2 * family + 1] = this.#at(pass, family, 1);
    }
  }

  /** Writes the equities beyond a cut into an extra column. */
  writeSum(column: number, passOf: readonly number[], count: number, cut: number, isLong: boolean): void {
    this.#listFamilies(passOf);
    this.#wasm?.sumBeyond(LIST, even(count), cut, isLong ? 1 : 0, this.#extra(column));
  }

  writeTolerance(column: number, passOf: readonly number[], count: number): void {
    this.#listFamilies(passOf);
    this.#wasm?.tolerance(LIST, even(count), ROUNDING, this.#extra(column));
  }

  /** False where rounding might decide: then `sides` is to be asked. */
  sidesOfSums(longs: number, shorts: number, tolerances: number, count: number, lane: number): boolean {
    const [a, b, c] = [this.#extra(longs), this.#extra(shorts), this.#extra(tolerances)];
    return this.#wasm?.sidesOfSums(a, b, c, even(count), OUT + lane) === 0;
  }

  #extra(column: number): number {
    return this.#extraAt + column * CHUNK_BYTES;
  }

  /** Sides of a trial in one lane of `out`, out of the signals and equities of its families. */
  sides(passOf: readonly number[], count: number, long: number, short: number, lane: number): void {
    if (this.#wasm === undefined) {
      this.#sidesHere(passOf, count, long, short, lane);
      return;
    }
    this.#listFamilies(passOf);
    const step = this.isLarge(passOf) ? 'exactSides' : 'sides';
    this.#wasm[step](LIST, even(count), long, short, OUT + lane);
  }

  get isFast(): boolean {
    return this.#wasm !== undefined;
  }

  #sidesHere(passOf: readonly number[], count: number, long: number, short: number, lane: number): void {
    for (let bar = 0; bar < count; bar++) {
      const average = this.average(passOf, bar, long, short);
      this.out[bar * LANES + lane] = average > 0 ? 1 : average < 0 ? -1 : 0;
    }
  }

  /** The average signal at one bar, as assembly/atc/layers.ts has it; 0 before the cutout, where equities are NaN. */
  average(passOf: readonly number[], bar: number, long: number, short: number): number {
    let votes = 0;
    let total = 0;
    for (const [family, pass] of passOf.entries()) {
      const signal = this.#doubles[this.#at(pass, family, 0) / 8 + bar];
      const equity = this.#doubles[this.#at(pass, family, 1) / 8 + bar];
      votes += (signal > long ? 1 : signal < short ? -1 : 0) * equity;
      total += equity;
    }
    const average = votes / total;
    return Number.isFinite(average) ? average : 0;
  }
}

/** Two bars are computed at a time; the columns have room for one more. */
const even = (count: number) => count + (count & 1);
