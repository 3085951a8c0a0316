/** The memory that the kernel of sweeps works in, and the kernel itself where the engine has WebAssembly with SIMD. */
import { type WasmMemory, WasmProgram } from '../wasm-program.js';
import { WASM_BASE64 } from './sides-wasm.generated.js';

/** assembly/atc-sweep; all addresses are in bytes, counts of bars even. */
export interface SweepWasm {
  readonly memory: WasmMemory;
  sides(columns: number, count: number, long: number, short: number, out: number): void;
  exactSides(columns: number, count: number, long: number, short: number, out: number): void;
  votes(signals: number, equities: number, count: number, long: number, short: number, out: number): void;
  sumOfFive(columns: number, count: number, out: number): void;
  sidesOfPairs(list: number, count: number, out: number): void;
  sidesOfSixes(list: number, count: number, out: number): void;
  sumsBeyond(
    columns: number,
    count: number,
    longs: number,
    longCount: number,
    above: number,
    shorts: number,
    shortCount: number,
    below: number,
    stride: number,
  ): void;
  /** `count`: a multiple of four. */
  sidesOfDifferences(list: number, count: number, out: number): void;
  isLarge(equities: number, count: number, limit: number): number;
  adaptive(state: number, count: number, closes: number, weights: number, stride: number): void;
}

const program = new WasmProgram<SweepWasm>(WASM_BASE64);

/** Room is reserved first, then opened at once: memory that grows leaves its views behind. */
export class SweepMemory {
  #bytes = 0;
  #buffer: ArrayBuffer | undefined;
  #wasm: SweepWasm | undefined;

  /** Address of so many bytes, a multiple of 64. Only before `open`. */
  reserve(bytes: number): number {
    const at = this.#bytes;
    this.#bytes += Math.ceil(bytes / 64) * 64;
    return at;
  }

  open(useWasm: boolean): void {
    this.#wasm = useWasm ? program.instantiate(this.#bytes) : undefined;
    this.#buffer = this.#wasm?.memory.buffer ?? new ArrayBuffer(this.#bytes);
  }

  /** Undefined where everything is computed in TypeScript. */
  get wasm(): SweepWasm | undefined {
    return this.#wasm;
  }

  get buffer(): ArrayBuffer {
    return this.#buffer as ArrayBuffer;
  }

  doubles(at: number, count: number): Float64Array {
    return new Float64Array(this.buffer, at, count);
  }

  integers(at: number, count: number): Int32Array {
    return new Int32Array(this.buffer, at, count);
  }
}
