/** The kernels in use: made on first use, one set per process. */
import type { Kernels } from './kernels.js';
import { createReferenceKernels } from './reference/index.js';
import { createWasmKernels } from './wasm.js';

let current: Kernels | undefined;

/** WASM SIMD where it is there, the reference otherwise. */
export function kernels(): Kernels {
  current ??= createWasmKernels() ?? createReferenceKernels();
  return current;
}
