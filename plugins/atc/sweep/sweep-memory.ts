/** The memory that the kernel of sweeps works in, and the kernel itself where the engine has WebAssembly with SIMD. */
import { WASM_BASE64 } from './sides-wasm.generated.js';

declare const WebAssembly:
  | {
      Module: new (bytes: Uint8Array) => object;
      Instance: new (module: object) => { readonly exports: unknown };
    }
  | undefined;

/** assembly/atc-sweep; all addresses are in bytes, counts of bars even. */
export interface SweepWasm {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  sides(columns: number, count: number, long: number, short: number, out: number): void;
  exactSides(columns: number, count: number, long: number, short: number, out: number): void;
  votes(signals: number, equities: number, count: number, long: number, short: number, out: number): void;
  sumOfFive(columns: number, count: number, out: number): void;
  sidesOfPairs(list: number, count: number, out: number): void;
  sidesOfSixes(list: number, count: number, out: number): void;
  sumsAbove(columns: number, count: number, cuts: number, many: number, out: number, stride: number): void;
  sumsBelow(columns: number, count: number, cuts: number, many: number, out: number, stride: number): void;
  tolerance(columns: number, count: number, share: number, out: number): void;
  sidesOfDifferences(list: number, count: number, tolerances: number, out: number): void;
  largerTolerance(tolerances: number, others: number, count: number): void;
  isLarge(equities: number, count: number, limit: number): number;
  adaptive(state: number, count: number, closes: number, weights: number, stride: number): void;
}

const PAGE_BYTES = 65_536;

let compiled: object | undefined;

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
    this.#wasm = useWasm ? instantiate(this.#bytes) : undefined;
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

function instantiate(bytes: number): SweepWasm | undefined {
  try {
    if (typeof WebAssembly === 'undefined') return undefined;
    compiled ??= new WebAssembly.Module(Buffer.from(WASM_BASE64, 'base64'));
    const wasm = new WebAssembly.Instance(compiled).exports as SweepWasm;
    const missing = bytes - wasm.memory.buffer.byteLength;
    if (missing > 0) wasm.memory.grow(Math.ceil(missing / PAGE_BYTES));
    return wasm;
  } catch {
    return undefined;
  }
}
