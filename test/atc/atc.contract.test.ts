/**
 * The published formats compute what the original computes. They map package names only, so the vector is read right
 * here.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ATC_DEFAULTS, atcStrategy, computeAtcSignals, createAtcStream, resolveAtcParameters } from 'atc-memory/atc';

const file = path.join(import.meta.dirname, 'golden/BTCUSDm.default.json.gz');
const golden = JSON.parse(gunzipSync(readFileSync(file)).toString('utf8'));
const closes = Float64Array.from(golden.close);

test.each(['wasm', 'typescript', 'reference'] as const)('%s agrees with the original', (kernel) => {
  const signals = computeAtcSignals(closes, {}, { kernel });
  expect(signals.kernel).toBe(kernel);
  const off = signals.averageSignal.findIndex((value, bar) => !(Math.abs(value - golden.Average_Signal[bar]) <= 1e-9));
  expect(off).toBe(-1);
});

test('a stream runs on the default kernel, with the bits of the batch', () => {
  const stream = createAtcStream();
  expect(stream.kernel).toBe('wasm');
  expect(Float64Array.from(closes, (close) => stream.push(close))).toEqual(computeAtcSignals(closes).averageSignal);
});

test('parameters, defaults and the strategy are there', () => {
  expect(resolveAtcParameters({ emaLength: 28 })).toEqual(ATC_DEFAULTS);
  expect(atcStrategy()).toMatchObject({ name: 'atc', columns: ['close'], minimumRows: 34 });
});
