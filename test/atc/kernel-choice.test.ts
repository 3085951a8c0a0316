import { jest } from '@jest/globals';
import { isAtcError } from 'atc-memory';
import { computeAtcSignals, createAtcStream } from 'atc-memory/atc';
import { createLayerRows } from '../../plugins/atc/engine.js';
import { atcWasm } from '../../plugins/atc/kernel/wasm-module.js';
import { randomWalk, tickWalk } from './price-series.js';

const closes = tickWalk(11, 900, 0.01, 5000);

/** The plugin as a process loads it anew. */
async function loadPlugin() {
  jest.resetModules();
  return import('../../plugins/atc/index.js');
}

describe('which kernel computes', () => {
  const scope = globalThis as unknown as { WebAssembly: { Module: unknown } | undefined };
  const original = scope.WebAssembly;
  afterEach(() => {
    scope.WebAssembly = original;
  });

  test('wasm runs by default, and the result names it', () => {
    expect(computeAtcSignals(closes).kernel).toBe('wasm');
    expect(createAtcStream().kernel).toBe('wasm');
    expect(createAtcStream({}, { kernel: 'typescript' }).kernel).toBe('typescript');
  });

  test('without WebAssembly TypeScript gives the same bits; asking for wasm is refused with the reason', async () => {
    const expected = computeAtcSignals(closes, {}, { layers: true });
    scope.WebAssembly = undefined;
    const plugin = await loadPlugin();
    const computed = plugin.computeAtcSignals(closes, {}, { layers: true });
    expect(computed.kernel).toBe('typescript');
    expect({ ...computed, kernel: 'wasm' }).toEqual(expected);
    try {
      plugin.createAtcStream({}, { kernel: 'wasm' });
      throw new Error('accepted');
    } catch (error) {
      expect(isAtcError(error, 'UNSUPPORTED')).toBe(true);
    }
  });

  test('an engine that refuses the module (no SIMD) counts as one without', async () => {
    scope.WebAssembly = {
      Module: class {
        constructor() {
          throw new SyntaxError('wasm simd unsupported');
        }
      },
    };
    const plugin = await loadPlugin();
    expect(plugin.computeAtcSignals(closes).kernel).toBe('typescript');
  });

  test('nothing is compiled at import, and once for all streams', async () => {
    let compiled = 0;
    const Module = original?.Module as new (bytes: Uint8Array) => object;
    scope.WebAssembly = {
      ...original,
      Instance: (original as unknown as { Instance: unknown }).Instance,
      Module: class {
        constructor(bytes: Uint8Array) {
          compiled++;
          // biome-ignore lint/correctness/noConstructorReturn: stands in for the engine's own class
          return new Module(bytes);
        }
      },
    } as typeof scope.WebAssembly;
    const plugin = await loadPlugin();
    expect(compiled).toBe(0);
    plugin.computeAtcSignals(closes);
    plugin.createAtcStream().push(100);
    expect(compiled).toBe(1);
  });

  test('an unknown kernel is refused', () => {
    expect(() => computeAtcSignals(closes, {}, { kernel: 'fast' as 'wasm' })).toThrow(/allowed: auto, wasm/);
  });
});

test('memory does not grow with the bars', () => {
  const stream = createAtcStream();
  const layers = createLayerRows(20_000);
  const block = randomWalk(5, 20_000, 0.001);
  const signals = new Float64Array(block.length);
  stream.pushBlock(block, signals, layers);
  const bytes = atcWasm()?.memory.buffer.byteLength;
  for (let k = 0; k < 20; k++) stream.pushBlock(block, signals, layers);
  expect(atcWasm()?.memory.buffer.byteLength).toBe(bytes);
  expect(bytes).toBeLessThan(400_000);
});

test('windows of thousands of bars, and a state that outgrows the memory of the others', () => {
  const small = createAtcStream();
  const whole = computeAtcSignals(closes).averageSignal;
  expect(small.pushBlock(closes.subarray(0, 500))).toEqual(whole.subarray(0, 500));
  const lengths = {
    emaLength: 3000,
    hmaLength: 2500,
    wmaLength: 5000,
    demaLength: 4000,
    lsmaLength: 2000,
    kamaLength: 10_000,
  };
  const long = tickWalk(12, 14_000, 0.5, 4000);
  const expected = computeAtcSignals(long, lengths, { kernel: 'typescript' }).averageSignal;
  expect(computeAtcSignals(long, lengths).averageSignal).toEqual(expected);
  expect(expected.some((value) => value !== 0)).toBe(true);
  expect(small.pushBlock(closes.subarray(500))).toEqual(whole.subarray(500));
});

test('twenty thousand bars of ticks: rounding does not add up', () => {
  const ticks = tickWalk(13, 20_000, 0.00001, 110_000, 4);
  const expected = computeAtcSignals(ticks, {}, { kernel: 'reference' }).averageSignal;
  expect(computeAtcSignals(ticks).averageSignal).toEqual(expected);
});
