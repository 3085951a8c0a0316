/**
 * A WASM module that is inlined as base64: compiled on first use, synchronously, once per thread. No top-level await,
 * no file to find, nothing happens at import.
 */

/** The part of the WebAssembly namespace used here; lib.dom, which declares it, is not among our libs. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}
interface WasmNamespace {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
}

const PAGE_BYTES = 65_536;

export class WasmProgram<Exports extends { readonly memory: WasmMemory }> {
  readonly #base64: string;
  #compiled: object | undefined;
  #isRefused = false;

  constructor(base64: string) {
    this.#base64 = base64;
  }

  /** A new instance with at least that much memory; undefined where the engine has no WebAssembly or no SIMD. */
  instantiate(bytes = 0): Exports | undefined {
    const namespace = (globalThis as { WebAssembly?: WasmNamespace }).WebAssembly;
    if (namespace === undefined || this.#isRefused) return undefined;
    try {
      this.#compiled ??= new namespace.Module(bytesOfBase64(this.#base64));
      const exports = new namespace.Instance(this.#compiled, {}).exports as Exports;
      const missing = bytes - exports.memory.buffer.byteLength;
      if (missing > 0) exports.memory.grow(Math.ceil(missing / PAGE_BYTES));
      return exports;
    } catch {
      // Compiling is tried once; memory that cannot be had now may be there for the next instance.
      this.#isRefused = this.#compiled === undefined;
      return undefined;
    }
  }
}

/**
 * A loop over the characters is most of what the first small array of a process costs, so Node's decoder is asked
 * first.
 */
function bytesOfBase64(text: string): Uint8Array {
  const { Buffer: buffer } = globalThis as { Buffer?: { from(text: string, encoding: 'base64'): Uint8Array } };
  if (buffer !== undefined) return buffer.from(text, 'base64');
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
