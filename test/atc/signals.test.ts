import { isAtcError } from 'atc-memory';
import {
  ATC_FAMILIES,
  type AtcParameters,
  classifyTrend,
  computeAtcSignals,
  createAtcStream,
  type FamilyRows,
} from 'atc-memory/atc';
import { randomWalk } from './price-series.js';

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isAtcError(error, 'ARGUMENT')) return error.message;
    throw error;
  }
  throw new Error('accepted');
}

const closes = randomWalk(7, 700);

test('a history that is too short is refused with the bars that are needed', () => {
  expect(messageOf(() => computeAtcSignals(new Float64Array(0)))).toContain('0 closes are too few');
  expect(messageOf(() => computeAtcSignals(closes.subarray(0, 33)))).toContain('at least 34');
  expect(computeAtcSignals(closes.subarray(0, 34)).averageSignal).toHaveLength(34);
  expect(messageOf(() => computeAtcSignals(closes, { cutout: 700 }))).toContain('at least 701');
});

test.each([0, -1, Number.POSITIVE_INFINITY])(
  'a close of %p is refused with its bar, and nothing is consumed',
  (bad) => {
    const broken = closes.slice();
    broken[41] = bad;
    expect(messageOf(() => computeAtcSignals(broken))).toContain(`close at bar 41 is ${bad}`);
    const stream = createAtcStream();
    const untouched = createAtcStream();
    stream.pushBlock(closes.subarray(0, 100));
    untouched.pushBlock(closes.subarray(0, 100));
    expect(messageOf(() => stream.pushBlock(broken.subarray(0, 60)))).toContain('close at bar 141');
    expect(messageOf(() => stream.push(bad))).toContain('close at bar 100');
    expect(stream.bars).toBe(100);
    expect(stream.pushBlock(closes.subarray(100))).toEqual(untouched.pushBlock(closes.subarray(100)));
  },
);

test('closes must be a Float64Array, and the output long enough', () => {
  expect(messageOf(() => computeAtcSignals([1, 2, 3] as unknown as Float64Array))).toContain('Float64Array');
  expect(messageOf(() => createAtcStream().pushBlock(closes, new Float64Array(3)))).toContain('at least 700');
});

test.each<AtcParameters>([
  {},
  { cutout: 90, strategyMode: true, robustness: 'Wide' },
  { lambda: 3, decay: 2, hmaLength: 60 },
])('any split into blocks gives the bits of the batch: %j', (parameters) => {
  const gaps = closes.slice();
  gaps.fill(Number.NaN, 300, 303);
  const batch = computeAtcSignals(gaps, parameters).averageSignal;
  const single = createAtcStream(parameters);
  expect(Float64Array.from(gaps, (close) => single.push(close))).toEqual(batch);
  expect(single.bars).toBe(gaps.length);
  for (const size of [1, 2, 63, 64, 65, 299]) {
    const stream = createAtcStream(parameters);
    const out = new Float64Array(gaps.length);
    for (let from = 0; from < gaps.length; from += size) {
      stream.pushBlock(gaps.subarray(from, from + size), out.subarray(from, from + size));
    }
    expect(out).toEqual(batch);
  }
});

test.each(['wasm', 'typescript', 'reference'] as const)('signals may be written over the closes: %s', (kernel) => {
  const expected = createAtcStream({}, { kernel }).pushBlock(closes);
  for (const [from, to] of [
    [0, 0],
    [0, 1],
    [1, 0],
    [0, 130],
  ]) {
    const shared = new Float64Array(closes.length + Math.max(from, to));
    shared.set(closes, from);
    const block = shared.subarray(from, from + closes.length);
    const signals = createAtcStream({}, { kernel }).pushBlock(block, shared.subarray(to, to + closes.length));
    expect(signals).toEqual(expected);
  }
});

test('two streams do not touch each other', () => {
  const other = randomWalk(8, closes.length);
  const first = createAtcStream();
  const second = createAtcStream({ emaLength: 90, robustness: 'Narrow' });
  const a = new Float64Array(closes.length);
  const b = new Float64Array(closes.length);
  for (let bar = 0; bar < closes.length; bar++) {
    a[bar] = first.push(closes[bar]);
    b[bar] = second.push(other[bar]);
  }
  expect(a).toEqual(computeAtcSignals(closes).averageSignal);
  expect(b).toEqual(computeAtcSignals(other, { emaLength: 90, robustness: 'Narrow' }).averageSignal);
});

test('strategy mode is the signal one bar later, the layers as they were', () => {
  const plain = computeAtcSignals(closes, {}, { layers: true });
  const shifted = computeAtcSignals(closes, { strategyMode: true }, { layers: true });
  expect(shifted.averageSignal[0]).toBe(0);
  expect(shifted.averageSignal.subarray(1)).toEqual(plain.averageSignal.subarray(0, closes.length - 1));
  expect(shifted.layer1).toEqual(plain.layer1);
  expect(shifted.layer2).toEqual(plain.layer2);
});

test('before the cutout the signal is 0 and the layers are undefined', () => {
  const { averageSignal, layer1, layer2 } = computeAtcSignals(closes, { cutout: 120 }, { layers: true });
  expect(averageSignal.subarray(0, 120).every((value) => value === 0)).toBe(true);
  for (const family of ATC_FAMILIES) {
    for (const rows of [layer1![family], layer2![family]]) {
      expect(rows.findIndex((value) => !Number.isNaN(value))).toBe(120);
    }
    expect(layer2![family][120]).toBe(1);
  }
});

test('layers are on request, on the grid, and above the floor', () => {
  expect(Object.keys(computeAtcSignals(closes))).not.toContain('layer1');
  const { layer1, layer2 } = computeAtcSignals(closes, { emaWeight: 0.01 }, { layers: true });
  for (const family of ATC_FAMILIES) {
    expect(layer1![family].every((value) => Math.round(value * 100) / 100 === value)).toBe(true);
    expect(layer2![family].every((value) => value >= 0.25)).toBe(true);
  }
  expect(layer2!.ema[0]).toBe(0.25);
});

test('constant and missing prices give no signal while the equities decay to the floor', () => {
  for (const price of [1.1, Number.NaN]) {
    const { averageSignal, layer1, layer2 } = computeAtcSignals(
      new Float64Array(6000).fill(price),
      {},
      { layers: true },
    );
    expect(averageSignal.every((value) => value === 0)).toBe(true);
    expect(layer1!.dema.every((value) => value === 0)).toBe(true);
    expect(layer2!.dema[1]).toBe(1 - 0.03 / 100);
    expect(layer2!.dema[5999]).toBe(0.25);
  }
});

test('the average is the families’ votes at the cut, weighted by their equities', () => {
  const plain = computeAtcSignals(closes, {}, { layers: true });
  const cut = { long: 0.49, short: -0.49 };
  const pine = computeAtcSignals(closes, { cut }, { layers: true });
  expect(pine.layer1).toEqual(plain.layer1);
  expect(pine.averageSignal).not.toEqual(plain.averageSignal);
  for (const [signals, level] of [
    [plain, 0.1],
    [pine, 0.49],
  ] as const) {
    const expected = Float64Array.from(closes, (_, bar) => {
      let votes = 0;
      let total = 0;
      for (const family of ATC_FAMILIES) {
        const signal = signals.layer1![family][bar];
        const equity = signals.layer2![family][bar];
        votes += (Number(signal > level) - Number(signal < -level)) * equity;
        total += equity;
      }
      return votes / total;
    });
    expect(signals.averageSignal).toEqual(expected);
  }
});

test('classification by sign and with hysteresis', () => {
  const signal = Float64Array.of(0, 0.05, 0.1, 0.11, 0.05, -0.1, -0.11, 0, 0.2, 0.2, -0.5);
  const thresholds = { longThreshold: 0.1, shortThreshold: -0.1 };
  expect(Array.from(classifyTrend(signal, { ...thresholds, classify: 'sign' }))).toEqual([
    0, 1, 1, 1, 1, -1, -1, 0, 1, 1, -1,
  ]);
  expect(Array.from(classifyTrend(signal, { ...thresholds, classify: 'hysteresis' }))).toEqual([
    0, 0, 0, 1, 1, 1, -1, -1, 1, 1, -1,
  ]);
});

describe('a stream refuses before it has consumed anything', () => {
  const many = Float64Array.from({ length: 3000 }, (_, i) => 100 + Math.sin(i / 9));
  test.each(['wasm', 'typescript', 'reference'] as const)('layers that are too short or missing, %s', (kernel) => {
    const stream = createAtcStream({}, { kernel });
    const rows = (length: number) =>
      Object.fromEntries(ATC_FAMILIES.map((family) => [family, new Float64Array(length)])) as unknown as FamilyRows;
    const refused = expect.objectContaining({
      code: 'ARGUMENT',
      message: 'layers.layer2.ema must be a Float64Array of at least 3000 elements',
    });
    const short = { layer1: rows(3000), layer2: rows(2999) };
    expect(() => stream.pushBlock(many, undefined, short)).toThrow(refused);
    const missing = { layer1: rows(3000) } as unknown as typeof short;
    expect(() => stream.pushBlock(many, undefined, missing)).toThrow(refused);
    expect(stream.bars).toBe(0);
    expect(stream.pushBlock(many)).toEqual(computeAtcSignals(many, {}, { kernel }).averageSignal);
  });

  test.each([undefined, '5', 5n, {}])('a close that is no number: %p', (close) => {
    const stream = createAtcStream();
    expect(() => stream.push(close as unknown as number)).toThrow(/^close must be a number, got/);
    expect(stream.bars).toBe(0);
  });
});
