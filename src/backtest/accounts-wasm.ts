/** The compiled kernel of many accounts: compiled on first use, one instance for each set of accounts. */
import { WASM_BASE64 } from './accounts-wasm.generated.js';

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

export interface AccountsWasm {
  readonly memory: WasmMemory;
  /** assembly/accounts/index.ts; byte addresses. */
  trade: Trade;
  /** The same where every factor is above 0, no equity can fall to 0, and all counts of returns are equal. */
  tradeSteady: Trade;
}

type Trade = (group: number, rates: number, positions: number, last: number, count: number, costRate: number) => void;

const PAGE_BYTES = 65_536;

let compiled: object | undefined;
let refusal: unknown;

/** A new instance with that much memory; undefined where the engine has no WebAssembly with SIMD. */
export function accountsWasm(bytes: number): AccountsWasm | undefined {
  if (refusal !== undefined) return undefined;
  try {
    if (typeof WebAssembly === 'undefined') throw new TypeError('no WebAssembly');
    compiled ??= new WebAssembly.Module(Buffer.from(WASM_BASE64, 'base64'));
    const instance = new WebAssembly.Instance(compiled).exports as AccountsWasm;
    const missing = bytes - instance.memory.buffer.byteLength;
    if (missing > 0) instance.memory.grow(Math.ceil(missing / PAGE_BYTES));
    return instance;
  } catch (error) {
    refusal = error;
    return undefined;
  }
}
