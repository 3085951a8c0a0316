import { AtcError } from 'atc-memory';
import type { AtcEngine } from '../engine.js';
import { type ResolvedAtcParameters, shown } from '../parameters.js';
import { ReferenceEngine } from '../reference/reference-engine.js';
import { ScalarEngine } from './scalar/scalar-engine.js';
import { WasmEngine } from './wasm-engine.js';
import { atcWasm } from './wasm-module.js';

/**
 * wasm: one pass, two doubles at a time. typescript: the same arithmetic without WebAssembly. reference: every average
 * summed directly, about thirty times slower than wasm; there to be compared with.
 */
export type AtcKernel = 'wasm' | 'typescript' | 'reference';

/** `auto`: wasm where the engine has it with SIMD (every supported Node on the usual processors), else typescript. */
export type AtcKernelChoice = AtcKernel | 'auto';

/** @throws AtcError ARGUMENT for an unknown name, UNSUPPORTED when wasm is asked for by name and missing. */
export function chooseKernel(
  parameters: ResolvedAtcParameters,
  choice: AtcKernelChoice = 'auto',
  history?: number,
): { kernel: AtcKernel; engine: AtcEngine } {
  switch (choice) {
    case 'reference':
      return { kernel: 'reference', engine: new ReferenceEngine(parameters) };
    case 'typescript':
      return { kernel: 'typescript', engine: new ScalarEngine(parameters, history) };
    case 'auto':
    case 'wasm': {
      const wasm = atcWasm();
      if (wasm !== undefined) return { kernel: 'wasm', engine: new WasmEngine(parameters, wasm, history) };
      if (choice === 'auto') return { kernel: 'typescript', engine: new ScalarEngine(parameters, history) };
      throw new AtcError('UNSUPPORTED', 'kernel "wasm" needs WebAssembly with SIMD; use "auto" or "typescript"');
    }
    default:
      throw new AtcError('ARGUMENT', `kernel is ${shown(choice)}; allowed: auto, wasm, typescript, reference`);
  }
}
