/**
 * Whole part and fraction, each rounded by itself (FORM_SPLIT): the kernel drops trailing zeros of two fractions at
 * once and must round as the reference does, whatever their number.
 */
import fc from 'fast-check';
import { kernels } from '../../src/kernels/index.js';
import { FORM_SPLIT } from '../../src/kernels/kernels.js';
import { OUT, SLOTS } from '../../src/kernels/offsets.js';
import { decimalInteger, decimalValue } from '../../src/kernels/reference/decimal.js';

const bits = (values: readonly number[]) => Buffer.from(Float64Array.from(values).buffer).toString('hex');

function emitted(integers: readonly bigint[], wide: boolean, exponent: number, base: number, tick: number): number[] {
  const { arena, emitDoubles } = kernels();
  if (wide) arena.i64.set(integers, SLOTS >> 3);
  else arena.i32.set(integers.map(Number), SLOTS >> 2);
  emitDoubles(SLOTS, integers.length, wide, FORM_SPLIT, exponent, base, tick);
  return [...arena.f64.subarray(OUT >> 3, (OUT >> 3) + integers.length)];
}

function expectReference(integers: readonly bigint[], wide: boolean, exponent: number, base: number, tick: number) {
  const expected = integers.map((u) => decimalValue(base + tick * Number(u), FORM_SPLIT, exponent));
  expect(bits(emitted(integers, wide, exponent, base, tick))).toBe(bits(expected));
}

/** Digits and then zeros, of either sign: every number of zeros is met. */
const withZeros = (most: bigint) =>
  fc
    .tuple(fc.bigInt(0n, most), fc.nat(15), fc.boolean())
    .map(([digits, zeros, negative]) => ((digits * 10n ** BigInt(zeros)) % most) * (negative ? -1n : 1n));

test.each([
  ['narrow', false, 2n ** 31n - 1n],
  ['wide', true, 2n ** 51n],
] as const)('%s integers give the doubles of the reference', (_, wide, most) => {
  const integers = fc.array(fc.oneof(withZeros(most), fc.bigInt(-most, most)), { minLength: 1, maxLength: 70 });
  fc.assert(
    fc.property(
      integers,
      fc.integer({ min: 0, max: 15 }),
      fc.constantFrom(0, 1, -1e5, 123_456),
      fc.constantFrom(1, 5, 100),
      (list, exponent, base, tick) => expectReference(list, wide, exponent, base, tick),
    ),
    { numRuns: 3000, seed: 5 },
  );
});

/** Columns of prices: nothing below 0, which takes other paths than the rest. */
test.each([
  ['narrow integers of 31 bits', false, 2n ** 31n - 1n],
  ['narrow integers below 1', false, 10n ** 4n],
  ['wide integers', true, 2n ** 50n + 2n ** 40n],
] as const)('%s of one sign give the doubles of the reference', (_, wide, most) => {
  const digits = fc.oneof(withZeros(most), fc.bigInt(0n, most)).map((u) => (u < 0n ? -u : u));
  fc.assert(
    fc.property(
      fc.array(digits, { minLength: 1, maxLength: 70 }),
      fc.integer({ min: 0, max: 15 }),
      fc.constantFrom([0, 1], [7, 1], [0, 5], [90, 10]),
      (list, exponent, [base, tick]) => expectReference(list, wide, exponent, base, tick),
    ),
    { numRuns: 3000, seed: 6 },
  );
});

test('integers next to whole units and to multiples of powers of ten give the doubles of the reference', () => {
  for (let exponent = 0; exponent <= 9; exponent += 1) {
    const unit = 10n ** BigInt(exponent);
    const near = [1n, 2n, 7n, 99n, 1000n, (2n ** 31n - 1n) / unit, 2n ** 50n / unit, 2n ** 50n / unit - 1n];
    const around = near.flatMap((k) => [
      k * unit - 1n,
      k * unit,
      k * unit + 1n,
      k * unit + unit / 2n,
      k * unit + unit / 10n,
    ]);
    const values = [0n, 1n, 10n, 100n, 10n ** 8n, ...around];
    expectReference(values, true, exponent, 0, 1);
    expectReference(
      values.filter((v) => v < 2n ** 31n),
      false,
      exponent,
      0,
      1,
    );
    for (const value of values.filter((v) => v < unit && v < 2n ** 31n))
      expectReference([value], false, exponent, 0, 1);
  }
});

/** n times 5^-k modulo 2^32, turned right by k bits, is the least number that no multiple of 10^k gives. */
test('the fractions that look most like a multiple of a power of ten are none', () => {
  for (const k of [8n, 4n, 2n, 1n]) {
    const fraction = ((2n ** 32n / 10n ** k + 1n) * 10n ** k) % 2n ** 32n;
    for (const whole of [0n, 1n]) expectReference([whole * 10n ** 9n + fraction], false, 9, 0, 1);
    expectReference([7n * 10n ** 9n + fraction], true, 9, 0, 1);
  }
});

test('a narrow column whose sum with its base leaves 32 bits on the way gives the doubles of the reference', () => {
  expectReference([-(2n ** 31n) + 1n, -(2n ** 31n) + 1_234_560n], false, 9, 2 ** 31, 1);
  expectReference([-700_000_000n, -699_999_999n, -699_000_000n], false, 8, 7e9, 10);
});

test('integers at and beyond 2^53, where fractions are not exact, are as the reference has them', () => {
  const far = [2n ** 53n - 1n, 2n ** 53n, 2n ** 62n, -(2n ** 63n), 10n ** 18n, 3n];
  for (let exponent = 0; exponent <= 15; exponent += 1) {
    expectReference(far, true, exponent, 0, 1);
    expectReference([1n, -7n, 2_000_000_000n], false, exponent, 2 ** 54, 1e9);
  }
});

test('what text with a fraction was read as is coded without exceptions', () => {
  const closes = Array.from({ length: 5000 }, (_, k) => decimalValue(k * 9_999_990 + k, FORM_SPLIT, 8));
  const { arena, toDecimal } = kernels();
  arena.f64.set(closes, OUT >> 3);
  expect(toDecimal(SLOTS, closes.length, FORM_SPLIT, 8)).toBe(0);
  expect([...arena.f64.subarray(SLOTS >> 3, (SLOTS >> 3) + closes.length)]).toEqual(
    closes.map((close) => decimalInteger(close, 8)),
  );
});

test('not-a-number and infinities have no integer', () => {
  const { arena, toDecimal } = kernels();
  arena.f64.set([Number.NaN, Infinity, -Infinity, 1e300, 0.5, -0], OUT >> 3);
  expect(toDecimal(SLOTS, 6, FORM_SPLIT, 8)).toBe(5);
});
