/** The compiled kernel, instantiated on first use, once per thread, synchronously. */
import { WASM_BASE64 } from '../atc-wasm.generated.js';

/** The parts of the WebAssembly namespace that are used here; the DOM's types are not loaded. */
interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
declare const WebAssembly:
  | {
      Module: new (bytes: Uint8Array) => object;
      Instance: new (module: object) => { readonly exports: unknown };
    }
  | undefined;

export interface AtcWasm {
  readonly memory: WasmMemory;
  /** assembly/atc/index.ts; byte addresses. */
  run(count: number, closes: number, signals: number, growth: number, layers: number, stride: number): void;
}

let instance: AtcWasm | undefined;
let refusal: unknown;

/** Undefined where the engine has no WebAssembly with SIMD. */
export function atcWasm(): AtcWasm | undefined {
  if (instance !== undefined || refusal !== undefined) return instance;
  try {
    if (typeof WebAssembly === 'undefined') throw new TypeError('no WebAssembly');
    const module = new WebAssembly.Module(Buffer.from(WASM_BASE64, 'base64'));
    instance = new WebAssembly.Instance(module).exports as AtcWasm;
  } catch (error) {
    refusal = error;
  }
  return instance;
}
