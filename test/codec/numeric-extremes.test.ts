/** Starts of a chain that no encoder writes: both kernel sets make the same integers of them. */

import { type Kernels, PREDICT_DELTA, PREDICT_LINEAR, PREDICT_SPREAD } from '../../src/kernels/kernels.js';
import { PLANE_A, PLANE_B, PLANE_C, SLOT_BYTES, SLOTS } from '../../src/kernels/offsets.js';
import { createReferenceKernels } from '../../src/kernels/reference/index.js';
import { createWasmKernels } from '../../src/kernels/wasm.js';
import { noise } from './frame-samples.js';

const ROWS = 9;
const STARTS = [0n, -1n, 2n ** 31n, 2n ** 50n + 7n, -(2n ** 53n) - 1n, 2n ** 62n, 2n ** 63n - 1n, -(2n ** 63n)];

function integers(kernels: Kernels, kind: number, wide: boolean, first: bigint, grain: number): string {
  const { u8, u32 } = kernels.arena;
  const next = noise(Number(BigInt.asUintN(16, first)) + kind);
  for (const plane of [PLANE_A, PLANE_B]) for (let i = 0; i < 8 * ROWS; i++) u8[plane + i] = next() >>> 24;
  for (let i = 0; i < 8 * ROWS; i++) u8[SLOTS + i] = next() >>> 24;
  for (let i = 0; i < ROWS; i++) u32[(PLANE_C >> 2) + i] = i % 4 === 1 ? 1 : 0;
  const start = { kind, wide, zigzag: false, first, firstDelta: first, offset: first };
  kernels.predictTiers(SLOTS + SLOT_BYTES, SLOTS, SLOTS, ROWS, start, grain);
  return Buffer.from(u8.slice(SLOTS + SLOT_BYTES, SLOTS + SLOT_BYTES + ROWS * (wide ? 8 : 4))).toString('hex');
}

test('both kernel sets predict two tiers alike at the extremes of 64 bits', () => {
  const wasm = createWasmKernels()!;
  const reference = createReferenceKernels();
  for (const kind of [PREDICT_DELTA, PREDICT_LINEAR, PREDICT_SPREAD]) {
    for (const wide of [false, true]) {
      for (const first of STARTS) {
        for (const grain of [10, 100, 1e9]) {
          expect(integers(wasm, kind, wide, first, grain)).toBe(integers(reference, kind, wide, first, grain));
        }
      }
    }
  }
});
