/** The compiled kernel: one instance per thread, made on first use. */
import { WASM_BASE64 } from '../atc-wasm.generated.js';
import { type WasmMemory, WasmProgram } from '../wasm-program.js';

export interface AtcWasm {
  readonly memory: WasmMemory;
  /** assembly/atc/index.ts; byte addresses. */
  run(count: number, closes: number, signals: number, growth: number, layers: number, stride: number): void;
}

const program = new WasmProgram<AtcWasm>(WASM_BASE64);
let instance: AtcWasm | undefined;

/** Undefined where the engine has no WebAssembly with SIMD. */
export function atcWasm(): AtcWasm | undefined {
  instance ??= program.instantiate();
  return instance;
}
