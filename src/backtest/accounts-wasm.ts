/** The compiled kernel of many accounts: one instance for each set of accounts. */
import { type WasmMemory, WasmProgram } from '../kernels/wasm-program.js';
import { WASM_BASE64 } from './accounts-wasm.generated.js';

export interface AccountsWasm {
  readonly memory: WasmMemory;
  /** assembly/accounts/index.ts; byte addresses. */
  trade: Trade;
  /** The same where every factor is above 0, no equity can fall to 0, and all counts of returns are equal. */
  tradeSteady: Trade;
}

type Trade = (group: number, rates: number, positions: number, last: number, count: number, costRate: number) => void;

const program = new WasmProgram<AccountsWasm>(WASM_BASE64);

/** A new instance with that much memory; undefined where the engine has no WebAssembly with SIMD. */
export function accountsWasm(bytes: number): AccountsWasm | undefined {
  return program.instantiate(bytes);
}
