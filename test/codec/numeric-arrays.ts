/** Arrays that numbers go wrong on: generators for property tests of the numeric codec. */
import fc from 'fast-check';
import type { TypedArray } from '../../src/dtype.js';

const EDGES = [
  0,
  -0,
  1,
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.MIN_VALUE,
  -Number.MIN_VALUE,
  2.2250738585072014e-308,
  Number.MAX_VALUE,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 51 - 1,
  2 ** 51,
  -(2 ** 51),
  2 ** 52 + 0.5,
  2 ** 53 - 1,
  2 ** 53,
  2 ** 53 + 2,
  -(2 ** 53) + 1,
  0.1,
  0.30000000000000004,
  0.09946999000000001,
  1e22,
  1e23,
  123456789.125,
];

function fromBits(low: number, high: number): number {
  return new Float64Array(new Uint32Array([low, high]).buffer)[0];
}

const anyBits = fc.tuple(fc.nat(0xffffffff), fc.nat(0xffffffff)).map(([low, high]) => fromBits(low, high));
const nanPayload = fc
  .tuple(fc.nat(0xffffffff), fc.nat(0x7ffff))
  .map(([low, high]) => fromBits(low | 1, 0x7ff00000 | high));
const edge = fc.constantFrom(...EDGES);

const length = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 1, max: 70 }) },
  { weight: 3, arbitrary: fc.integer({ min: 71, max: 1100 }) },
  { weight: 1, arbitrary: fc.constantFrom(1023, 1024, 1025, 2048, 3000) },
);

/** Deterministic numbers in [0, 1) from a seed: long arrays need not be shrunk element by element. */
function random(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4294967296;
  };
}

function walk(n: number, seed: number, step: number, scale: (k: number) => number): Float64Array {
  const next = random(seed);
  let k = Math.floor(next() * 100_000);
  return Float64Array.from({ length: n }, () => {
    k += Math.round((next() + next() + next() - 1.5) * step);
    return scale(k);
  });
}

const decimals = fc
  .record({
    n: length,
    seed: fc.nat(),
    step: fc.constantFrom(1, 7, 1000, 1e6),
    exponent: fc.integer({ min: -12, max: 12 }),
  })
  .map(({ n, seed, step, exponent }) => walk(n, seed, step, (k) => Number(`${k}e${-exponent}`)));

const ticks = fc
  .record({ n: length, seed: fc.nat(), tick: fc.constantFrom(25, 5, 64, 100, 1_000_000) })
  .map(({ n, seed, tick }) => walk(n, seed, 20, (k) => (k * tick) / 100));

/** Decimals that went through a multiplication, or through a parser that adds whole part and fraction. */
const dirty = fc
  .record({
    n: length,
    seed: fc.nat(),
    kind: fc.constantFrom('multiply', 'split', 'ulps'),
    exponent: fc.integer({ min: 1, max: 12 }),
  })
  .map(({ n, seed, kind, exponent }) =>
    walk(n, seed, 5000, (k) => {
      if (kind === 'multiply') return k * Number(`1e-${exponent}`);
      if (kind === 'split') return Math.floor(k / 1e5) + (k % 1e5) * 1e-5;
      const bits = new BigInt64Array(new Float64Array([k / 1e5]).buffer);
      bits[0] += BigInt((k % 7) - 3);
      return new Float64Array(bits.buffer)[0];
    }),
  );

/**
 * Whole numbers and decimals whose integers lie around the limits of narrow and wide arithmetic and of exact doubles.
 */
const limits = fc
  .record({
    n: length,
    seed: fc.nat(),
    power: fc.constantFrom(31, 32, 51, 52, 53, 54, 63),
    sign: fc.constantFrom(1, -1),
    exponent: fc.integer({ min: 0, max: 12 }),
  })
  .map(({ n, seed, power, sign, exponent }) =>
    walk(n, seed, 3, (k) => Number(`${sign * (2 ** power + (k % 9) - 4)}e-${exponent}`)),
  );

/** A bit of everything, each stretch of another kind: what a sample of rows misjudges. */
const mixed = fc
  .array(fc.tuple(fc.oneof(decimals, ticks, dirty, limits), fc.integer({ min: 1, max: 400 })), {
    minLength: 2,
    maxLength: 5,
  })
  .map((parts) => Float64Array.from(parts.flatMap(([values, rows]) => [...values.subarray(0, rows)])));

/** Short decimals with a few long ones between them. */
const tiers = fc
  .record({ n: length, seed: fc.nat() })
  .map(({ n, seed }) => walk(n, seed, 30_000, (k) => (k % 10 === 0 ? k : k - (k % 1000)) / 1e6));

const volumes = fc.record({ n: length, seed: fc.nat(), zeros: fc.nat(6) }).map(({ n, seed, zeros }) => {
  const next = random(seed);
  return Float64Array.from({ length: n }, () => {
    const grain = Number(`1e${Math.floor(next() * (zeros + 1))}`);
    return (Math.floor(next() * next() * 1e6) * grain) / 1e8;
  });
});

const constants = fc.record({ n: length, value: fc.oneof(edge, anyBits) }).map(({ n, value }) => {
  const bits = new BigInt64Array(new Float64Array([value]).buffer)[0];
  return new Float64Array(new BigInt64Array(n).fill(bits).buffer);
});

const ramps = fc
  .record({ n: length, from: edge, step: fc.constantFrom(1, -1, 60_000, 0.1, 2 ** 40, 1e-300) })
  .map(({ n, from, step }) => Float64Array.from({ length: n }, (_, i) => from + i * step));

const fullMantissa = fc
  .record({ n: length, seed: fc.nat() })
  .map(({ n, seed }) => walk(n, seed, 1000, (k) => Math.sqrt(Math.abs(k)) * 1.000001));

const randomBits = fc.array(fc.oneof(anyBits, nanPayload, edge), { minLength: 1, maxLength: 80 }).map((values) => {
  // Through a Float64Array at once: an engine may not keep NaN payloads in arrays of numbers.
  const out = new Float64Array(values.length);
  values.forEach((value, i) => {
    out[i] = value;
  });
  return out;
});

const single = fc
  .record({ n: length, seed: fc.nat() })
  .map(({ n, seed }) => walk(n, seed, 900, (k) => Math.fround(k / 100)));

/** Averages and smoothing of decimals, by formulas that round differently. */
const averages = fc
  .record({ n: length, seed: fc.nat(), period: fc.integer({ min: 2, max: 60 }), kind: fc.nat(3) })
  .map(({ n, seed, period, kind }) => {
    const close = walk(n, seed, 400, (k) => k / 100);
    let state = close[0];
    return close.map((x, i) => {
      if (kind === 0) return (state = i === 0 ? x : state + (x - state) * (2 / (period + 1)));
      if (kind === 1) return (state = i === 0 ? x : (state * (period - 1) + x) / period);
      if (kind === 2) return (x + close[Math.max(0, i - 1)] + close[Math.max(0, i - 2)]) / 3;
      state += i === 0 ? 0 : x - (i >= period ? close[i - period] : 0);
      return state / Math.min(i + 1, period);
    });
  });

/** One of the above, with edges sprinkled in at times. */
export const doubles: fc.Arbitrary<Float64Array> = fc
  .tuple(
    fc.oneof(
      decimals,
      ticks,
      dirty,
      limits,
      mixed,
      tiers,
      volumes,
      constants,
      ramps,
      fullMantissa,
      randomBits,
      single,
      averages,
    ),
    fc.array(fc.tuple(fc.nat(), fc.oneof(edge, nanPayload)), { maxLength: 5 }),
    fc.boolean(),
  )
  .map(([values, spikes, sprinkle]) => {
    const out = values.slice();
    if (sprinkle) for (const [at, value] of spikes) out[at % out.length] = value;
    return out;
  });

/** Columns of the same length: candles of a walk, plain or dirty, plus anything cut or repeated to that length. */
export const tables: fc.Arbitrary<Record<string, TypedArray>> = fc
  .record({
    n: length,
    seed: fc.nat(),
    exponent: fc.integer({ min: 0, max: 8 }),
    form: fc.constantFrom('divide', 'multiply', 'fround'),
    long: fc.boolean(),
    extra: doubles,
  })
  .map(({ n, seed, exponent, form, long, extra }) => {
    const next = random(seed);
    const power = Number(`1e${exponent}`);
    const inverse = Number(`1e-${exponent}`);
    const value = (k: number) => {
      if (form === 'multiply') return k * inverse;
      return form === 'fround' ? Math.fround(k / power) : k / power;
    };
    const grain = () => (long && next() < 0.9 ? 1000 : 1);
    const columns = {
      open: new Float64Array(n),
      high: new Float64Array(n),
      low: new Float64Array(n),
      close: new Float64Array(n),
    };
    const timestamp = new BigInt64Array(n);
    let k = 1_000_000 + Math.floor(next() * 5_000_000);
    let time = 1_600_000_000_000;
    for (let i = 0; i < n; i++) {
      const step = grain();
      const open = Math.floor((k + (next() < 0.3 ? next() * 50 : 0)) / step) * step;
      k += Math.round((next() - 0.5) * 5000);
      k = Math.max(1000, Math.floor(k / step) * step);
      columns.open[i] = value(open);
      columns.close[i] = value(k);
      columns.high[i] = value(Math.max(open, k) + Math.floor(next() * 20) * step);
      columns.low[i] = value(Math.min(open, k) - Math.floor(next() * 20) * step);
      time += next() < 0.95 ? 60_000 : 120_000;
      timestamp[i] = BigInt(time);
    }
    const other = Float64Array.from({ length: n }, (_, i) => extra[i % extra.length]);
    return { timestamp, ...columns, other };
  });

const INTEGER_ARRAYS = [Int8Array, Uint8Array, Int16Array, Uint16Array, Int32Array, Uint32Array] as const;

/** Arrays of the integer dtypes and float32, from random bytes or from a walk. */
export const others: fc.Arbitrary<TypedArray> = fc
  .record({ n: length, seed: fc.nat(), kind: fc.nat(INTEGER_ARRAYS.length + 3), step: fc.constantFrom(0, 1, 90, 1e9) })
  .map(({ n, seed, kind, step }) => {
    const steps = walk(n, seed, step, (k) => k);
    const next = random(seed + 1);
    if (kind < INTEGER_ARRAYS.length) return INTEGER_ARRAYS[kind].from(steps);
    if (kind === INTEGER_ARRAYS.length) return Float32Array.from(steps, (x) => (step === 90 ? x / 100 : x * 1.1));
    if (kind === INTEGER_ARRAYS.length + 1)
      return new Float32Array(Uint32Array.from(steps, () => next() * 2 ** 32).buffer);
    const wide = BigInt64Array.from(steps, (x) =>
      step === 0 ? BigInt(Math.floor(next() * 2 ** 32)) << 32n : BigInt(x),
    );
    if (step === 1) wide[n - 1] = -(2n ** 63n);
    return kind === INTEGER_ARRAYS.length + 2 ? wide : new BigUint64Array(wide.buffer);
  });
