/**
 * A kernel of this plugin that is inlined as base64: compiled on first use, synchronously, once per thread. The package
 * has the same for its own kernels (src/kernels/wasm-program.ts); a plugin sees nothing but what the package exports.
 */

/** The parts of the WebAssembly namespace that are used here; the DOM's types are not loaded. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
declare const WebAssembly:
  | {
      Module: new (bytes: Uint8Array) => object;
      Instance: new (module: object) => { readonly exports: unknown };
    }
  | undefined;

const PAGE_BYTES = 65_536;

export class WasmProgram<Exports extends { readonly memory: WasmMemory }> {
  readonly #base64: string;
  #compiled: object | undefined;
  #isRefused = false;

  constructor(base64: string) {
    this.#base64 = base64;
  }

  /** A new instance with at least that much memory; undefined where the engine has no WebAssembly with SIMD. */
  instantiate(bytes = 0): Exports | undefined {
    if (typeof WebAssembly === 'undefined' || this.#isRefused) return undefined;
    try {
      this.#compiled ??= new WebAssembly.Module(Buffer.from(this.#base64, 'base64'));
      const exports = new WebAssembly.Instance(this.#compiled).exports as Exports;
      growTo(exports.memory, bytes);
      return exports;
    } catch {
      // Compiling is tried once; memory that cannot be had now may be there for the next instance.
      this.#isRefused = this.#compiled === undefined;
      return undefined;
    }
  }
}

/** At least so many bytes; views of the memory as it was are empty after it has grown. */
export function growTo(memory: WasmMemory, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES));
}
