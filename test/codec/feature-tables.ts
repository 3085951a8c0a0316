/** Tables whose frames, over some levels, use every form, bit layout, predictor and stream of the format. */
import { type Columns, type TypedArray } from '../../src/dtype.js';
import { candles, HOSTILE_DOUBLES, noise, randomBits } from './frame-samples.js';
import { marketTable } from './market-kinds.js';
import { compounded, returningIntegers, wordsThatReturn } from './word-arrays.js';

/** Every form, layout, predictor and stream between them. */
export function everything(rows: number): Columns {
  const { timestamp, open, high, low, close, volume } = candles(rows);
  let ema = 0;
  let wilder = 0;
  const value = (f: (x: number, i: number) => number) => Float64Array.from(close, f);
  const specials = value((x, i) => (i % 50 < 2 ? HOSTILE_DOUBLES[(i % 50) + (Math.floor(i / 50) % 15)] : x));
  return {
    timestamp,
    open,
    high,
    low,
    close,
    volume,
    lots: value((_, i) => ((i * 7919) % 1000) * [1, 1000, 10][i % 3] + 0.5 * (i % 2)),
    long: value((x, i) => (i % 11 === 0 ? x + 0.00000123 : Math.round(x * 10) / 10)),
    multiplied: value((x) => Math.round(x * 100) * 1e-8),
    split: value((x) => Math.floor(x) + (Math.round(x * 1e5) % 1e5) * 1e-5),
    ulps: value((x, i) => (i % 7 === 0 ? x * (1 + 2 ** -52) : x)),
    single: value((x) => Math.fround(x)),
    smooth: value((_, i) => Math.sin(i / 30) * 50 + 400),
    average: value((_, i) => {
      let sum = 0;
      for (let k = Math.max(0, i - 27); k <= i; k++) sum += close[k];
      return sum / Math.min(28, i + 1);
    }),
    smoothed: value((_, i) => (ema = i === 0 ? close[0] : ema + (close[i] - ema) * (2 / 29))),
    smoothedOtherwise: value((_, i) => (wilder = i === 0 ? close[0] : wilder * (13 / 14) + close[i] / 14)),
    ramp: value((_, i) => i * i * 25),
    specials,
    noise: randomBits('float64', rows),
    steps: value((_, i) => Math.floor(i / 200)),
    constant: value(() => Number.NaN),
    int64: BigInt64Array.from(timestamp, (x, i) => BigInt(x) * 1_000_000n + BigInt(i % 3)),
    uint64: new BigUint64Array(rows).map((_, i) => 2n ** 64n - 1n - BigInt(i) ** 5n),
    int32: Int32Array.from(close, (x) => -x * 100),
    uint32: Uint32Array.from(close, (x) => 4_294_967_295 - x * 100),
    int16: Int16Array.from(close, (_, i) => ((i * 37) % 65_536) - 32_768),
    uint16: Uint16Array.from(close, (_, i) => (i * i) % 65_536),
    int8: Int8Array.from(close, (_, i) => (i % 256) - 128),
    uint8: Uint8Array.from(close, (_, i) => i % 17),
    float32: Float32Array.from(close),
    float32Bits: Float32Array.from(close, (_, i) => Math.sin(i / 30) * 50),
  };
}

/**
 * Candles that predict each other, a spread that stays, whole part plus fraction as some JSON parsers make it, round
 * lots.
 */
export function market(rows: number): Columns {
  const columns = marketTable('FX, 5 decimals', rows, 3);
  const next = noise(5);
  let spread = 40;
  const ask = Float64Array.from(columns.close as Float64Array, (bid) => {
    spread += (next() >>> 31) - (next() >>> 31);
    return Math.round(bid * 1e5 + spread) / 1e5;
  });
  const split = Float64Array.from({ length: rows }, (_, i) => {
    let fraction = (next() >>> 8) % 100_000;
    let digits = 5;
    for (; fraction > 0 && fraction % 10 === 0; digits--) fraction /= 10;
    return (i % 2) + fraction * Number(`1e-${digits}`);
  });
  const lots = Float64Array.from(
    { length: rows },
    () => (1 + ((next() >>> 8) % 900)) * [1, 1000, 1_000_000][(next() >>> 8) % 3],
  );
  return { ...columns, ask, split, lots };
}

/** Compounded results of several arithmetics, and words that recur. */
export function words(rows: number): Columns {
  const { close } = candles(rows);
  const ticks = close.map((x) => Math.round(x * 100));
  const table: Record<string, TypedArray> = { averages: wordsThatReturn(rows), identifiers: returningIntegers(rows) };
  table.quotients = compounded(ticks.map((p) => p / 100));
  table.differences = compounded(
    ticks.map((p) => p / 100),
    { gain: 'difference' },
  );
  table.multiplied = compounded(
    ticks.map((p) => p * 1e-6),
    { flat: 0 },
  );
  table.split = compounded(ticks.map(splitFraction));
  table.specials = compounded(ticks.map((p) => p / 100)).map((x, i) => (i % 300 === 7 ? HOSTILE_DOUBLES[i % 17] : x));
  return table;
}

/** As some JSON parsers read a decimal: its digits without trailing zeros times a power of ten. */
function splitFraction(ticks: number): number {
  let [fraction, digits] = [ticks, 8];
  for (; fraction > 0 && fraction % 10 === 0; digits--) fraction /= 10;
  return fraction * Number(`1e-${digits}`);
}
