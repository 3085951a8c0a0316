/** Rows of two tiers: the SIMD kernel makes the integers of the reference, whatever predicts them. */
import {
  type Kernels,
  PREDICT_DELTA,
  PREDICT_LINEAR,
  PREDICT_MAX,
  PREDICT_MIN,
  PREDICT_NONE,
  PREDICT_PREVIOUS,
  PREDICT_SAME,
  PREDICT_SPREAD,
} from '../../src/kernels/kernels.js';
import { PLANE_A, PLANE_B, PLANE_C, SLOT_BYTES, SLOTS } from '../../src/kernels/offsets.js';
import { createReferenceKernels } from '../../src/kernels/reference/index.js';
import { createWasmKernels } from '../../src/kernels/wasm.js';
import { noise } from './frame-samples.js';

const KINDS = {
  none: PREDICT_NONE,
  delta: PREDICT_DELTA,
  linear: PREDICT_LINEAR,
  same: PREDICT_SAME,
  previous: PREDICT_PREVIOUS,
  max: PREDICT_MAX,
  min: PREDICT_MIN,
  spread: PREDICT_SPREAD,
};
const A = SLOTS;
const B = SLOTS + SLOT_BYTES;
const DST = SLOTS + 2 * SLOT_BYTES;

interface Rows {
  readonly kind: number;
  readonly wide: boolean;
  readonly n: number;
  readonly zigzag: boolean;
  readonly grain: number;
  readonly offset: bigint;
  /** Every so manieth flag is set. */
  readonly every: number;
  readonly seed: number;
}

function predicted(kernels: Kernels, { kind, wide, n, zigzag, grain, offset, every, seed }: Rows): [string, number] {
  const { u8, u32 } = kernels.arena;
  const next = noise(seed);
  for (const at of [A, B, PLANE_A, PLANE_B]) for (let i = 0; i < 8 * n; i++) u8[at + i] = next() >>> 24;
  for (let i = 0; i < n + 4; i++) u32[(PLANE_C >> 2) + i] = next() % every === 0 ? 1 + (next() >>> 8) : 0;
  const count = kernels.countFlags(n);
  kernels.predictTiers(DST, A, B, n, { kind, wide, zigzag, first: 7n, firstDelta: -3n, offset }, grain);
  return [Buffer.from(u8.slice(DST, DST + n * (wide ? 8 : 4))).toString('hex'), count];
}

const wasm = createWasmKernels()!;
const reference = createReferenceKernels();

test.each(Object.entries(KINDS))('rows predicted by "%s" are those of the reference at every grain', (_, kind) => {
  let seed = 1;
  for (let exponent = 1; exponent <= 9; exponent++) {
    for (const n of [1, 2, 3, 4, 5, 31, 64]) {
      for (const [zigzag, offset] of [
        [true, 0n],
        [false, -5n],
        [false, 2n ** 31n - 1n],
      ] as const) {
        for (const every of [1, 2, 1000]) {
          for (const wide of [false, true]) {
            const rows = { kind, wide, n, zigzag, grain: 10 ** exponent, offset, every, seed: seed++ };
            expect(predicted(wasm, rows)).toEqual(predicted(reference, rows));
          }
        }
      }
    }
  }
});

test('expectations half-way between two multiples are rounded up, at both ends of 32 bits', () => {
  const { arena } = wasm;
  const expectations = [5, -5, 15, -15, 4, -4, 2 ** 31 - 1, -(2 ** 31), 14, -14, 0, 2_147_483_645];
  arena.i32.set(expectations, A >> 2);
  arena.u32.fill(0, PLANE_A >> 2, (PLANE_A >> 2) + 16);
  arena.u32.fill(0, PLANE_C >> 2, (PLANE_C >> 2) + 16);
  const start = { kind: PREDICT_SAME, wide: false, zigzag: true, first: 0n, firstDelta: 0n, offset: 0n };
  wasm.predictTiers(DST, A, B, expectations.length, start, 10);
  const rounded = [10n, 0n, 20n, -10n, 0n, 0n, 2_147_483_650n, -2_147_483_650n, 10n, -10n, 0n, 2_147_483_650n];
  const wrapped = rounded.map((value) => Number(BigInt.asIntN(32, value)));
  expect([...arena.i32.subarray(DST >> 2, (DST >> 2) + expectations.length)]).toEqual(wrapped);
});
