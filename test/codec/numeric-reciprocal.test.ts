/**
 * Products in place of a division: the bound that makes them exact, and the bits, where rounding is closest to going
 * wrong.
 */

import {
  FORM_DIVIDE,
  FORM_INTEGER,
  FORM_MULTIPLY,
  type Kernels,
  PREDICT_DELTA,
  type PredictorStart,
} from '../../src/kernels/kernels.js';
import { OUT, PLANE_A, SLOTS } from '../../src/kernels/offsets.js';
import { MAX_EXPONENT, TEN_TO, TEN_TO_MINUS } from '../../src/kernels/powers.js';
import { RECIPROCAL_FACTOR, scalingOf } from '../../src/kernels/reciprocals.js';
import { createReferenceKernels } from '../../src/kernels/reference/index.js';
import { createWasmKernels } from '../../src/kernels/wasm.js';

const wasm = createWasmKernels()!;
const reference = createReferenceKernels();
const FORMS = [FORM_INTEGER, FORM_DIVIDE, FORM_MULTIPLY];
const MOST = 2 ** 31 - 1;

/** A positive double as numerator / 2^shift. */
function fractionOf(x: number): { numerator: bigint; shift: bigint } {
  let scaled = x;
  let shift = 0n;
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    shift++;
  }
  return { numerator: BigInt(scaled), shift };
}

/** Whether c = (1 + d) / (f * 10^e) has |d| * 5^e < 2^-54. */
function isBoundKept(exponent: number, factor: number): boolean {
  const divisor = BigInt(factor) * 10n ** BigInt(exponent);
  const { numerator, shift } = fractionOf(1 / Number(divisor));
  const difference = numerator * divisor - (1n << shift);
  const distance = difference < 0n ? -difference : difference;
  return distance * 5n ** BigInt(exponent) * (1n << 54n) < 1n << shift;
}

test('the factors are the smallest odd ones within the bound of the proof, for every narrow integer', () => {
  RECIPROCAL_FACTOR.forEach((factor, exponent) => {
    expect(isBoundKept(exponent, factor)).toBe(true);
    expect(factor * 2 ** 31).toBeLessThanOrEqual(2 ** 53);
    for (let smaller = 1; smaller < Math.min(factor, 20_000); smaller += 2) {
      if (isBoundKept(exponent, smaller)) throw new Error(`10^${exponent}: ${smaller} is enough`);
    }
  });
});

function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value % modulus, modulus, 1n, 0n];
  while (a !== 0n) {
    const quotient = b / a;
    [a, b] = [b - quotient * a, a];
    [x, y] = [y - quotient * x, x];
  }
  return ((y % modulus) + modulus) % modulus;
}

/** Integers below 2^31 whose quotient by 10^e lies next to the middle of two doubles, in every binade. */
function nearMidpoints(exponent: number): number[] {
  const five = 5n ** BigInt(exponent);
  const found: number[] = [];
  for (let binade = -31; binade < 31; binade++) {
    // v * 2^(53 - binade) = M * 5^e + t for a small t.
    const turn = inverse((1n << BigInt(53 - binade)) % five, five);
    const low = binade < 0 ? five >> BigInt(-binade) : five << BigInt(binade);
    for (let t = -4n; t <= 4n; t++) {
      const rest = (((t * turn) % five) + five) % five;
      const first = low + ((((rest - low) % five) + five) % five);
      for (const v of [first, first + 3n * five]) if (v > 0n && v <= MOST) found.push(Number(v));
    }
  }
  return found;
}

function randomIntegers(count: number, seed: number): number[] {
  let state = seed;
  return Array.from({ length: count }, (_, i) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >> (i & 31);
  });
}

function chainOf(first: number): PredictorStart {
  return { kind: PREDICT_DELTA, wide: false, zigzag: true, first: BigInt(first), firstDelta: 0n, offset: 0n };
}

/** Zigzag differences modulo 2^32 of the integers, from 0. */
function differences(integers: readonly number[]): Uint32Array {
  return Uint32Array.from(integers, (u, i) => {
    const difference = (u - (i > 0 ? integers[i - 1] : 0)) | 0;
    return (difference << 1) ^ (difference >> 31);
  });
}

const WAYS = {
  emitDoubles(
    kernels: Kernels,
    integers: readonly number[],
    form: number,
    exponent: number,
    base: number,
    tick: number,
  ) {
    kernels.arena.i32.set(integers, SLOTS >> 2);
    kernels.emitDoubles(SLOTS, integers.length, false, form, exponent, base, tick);
  },
  deltaDoubles(
    kernels: Kernels,
    integers: readonly number[],
    form: number,
    exponent: number,
    base: number,
    tick: number,
  ) {
    kernels.arena.u32.set(differences(integers), PLANE_A >> 2);
    kernels.deltaDoubles(0, integers.length, chainOf(0), form, exponent, base, tick);
  },
  packedDeltaDoubles(
    kernels: Kernels,
    integers: readonly number[],
    form: number,
    exponent: number,
    base: number,
    tick: number,
  ) {
    kernels.arena.u32.set(differences(integers), PLANE_A >> 2);
    // Behind the planes that the kernel works in.
    const src = SLOTS;
    const end = kernels.pack(PLANE_A, integers.length, false, src);
    const after = kernels.packedDeltaDoubles(src, end, 0, integers.length, chainOf(0), form, exponent, base, tick);
    expect(after).toBe(end);
  },
};

function elementOf(v: number, form: number, exponent: number): number {
  if (form === FORM_DIVIDE) return v / TEN_TO[exponent];
  return form === FORM_MULTIPLY ? v * TEN_TO_MINUS[exponent] : v;
}

describe.each(Object.entries(WAYS))('%s', (_, way) => {
  test.each([
    [0, 1],
    [0, 5],
    [0, 100_000],
    [0, 4_000_000],
    [1_000_000_000, 1],
    [-7, 3],
    [2 ** 52, 1],
    [-(2 ** 53), 2 ** 40],
  ])('base %d, tick %d', (base, tick) => {
    for (let exponent = 0; exponent <= MAX_EXPONENT; exponent++) {
      const near = nearMidpoints(exponent);
      const integers = [
        ...near,
        ...near.map((v) => -v),
        ...randomIntegers(600, 77 + exponent),
        0,
        MOST,
        -MOST - 1,
        1,
        -1,
      ];
      for (const form of FORMS) {
        const part = integers.slice(0, 16_384);
        const expected = Float64Array.from(part, (u) => elementOf(base + tick * u, form, exponent));
        for (const kernels of [wasm, reference]) {
          way(kernels, part, form, exponent, base, tick);
          const got = kernels.arena.out.slice(0, part.length);
          expect(Buffer.from(got.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
        }
      }
    }
  });
});

test('slow chains, whose integers times the factor stay in 32 bits', () => {
  for (let exponent = 0; exponent < RECIPROCAL_FACTOR.length; exponent++) {
    for (const tick of [1, 5, 25]) {
      const start = Math.floor(MOST / (RECIPROCAL_FACTOR[exponent] * tick * 2));
      let state = start;
      const integers = randomIntegers(5000, 5 + exponent).map((r) => (state += Math.sign(r)));
      WAYS.packedDeltaDoubles(wasm, integers, FORM_DIVIDE, exponent, 0, tick);
      const expected = Float64Array.from(integers, (u) => (tick * u) / TEN_TO[exponent]);
      const got = wasm.arena.f64.slice(OUT >> 3, (OUT >> 3) + integers.length);
      expect(Buffer.from(got.buffer).equals(Buffer.from(expected.buffer))).toBe(true);
    }
  }
});

test('what the proof does not cover is divided', () => {
  expect(scalingOf(FORM_DIVIDE, 2, 0, 1).factor).toBe(7);
  expect({ ...scalingOf(FORM_DIVIDE, 2, 2 ** 51, 1) }).toEqual({ factor: 0, scale: 100 });
  expect({ ...scalingOf(FORM_DIVIDE, 10, 0, 1) }).toEqual({ factor: 0, scale: 1e10 });
  expect({ ...scalingOf(FORM_MULTIPLY, 2, 2 ** 51, 1) }).toEqual({ factor: 1, scale: 0.01 });
});
