/**
 * The kernel against its oracle. `ATC_RANDOM_CASES` and `ATC_RANDOM_SEED` widen the random part (bench/atc-oracle.js).
 */
import { ATC_FAMILIES, createAtcStream } from 'atc-memory/atc';
import { createLayerRows } from '../../plugins/atc/engine.js';
import type { AtcKernel } from '../../plugins/atc/kernel/choose-kernel.js';
import { type RandomCase, randomCase } from './random-cases.js';

const CASES = Number(process.env.ATC_RANDOM_CASES ?? 60);
const SEED = Number(process.env.ATC_RANDOM_SEED ?? 1);

function run({ closes, parameters }: RandomCase, kernel: AtcKernel, blocks: readonly number[]) {
  const stream = createAtcStream(parameters, { kernel });
  const signals = new Float64Array(closes.length);
  const layers = createLayerRows(closes.length);
  for (let from = 0, k = 0; from < closes.length; k++) {
    const to = Math.min(closes.length, from + blocks[k % blocks.length]);
    const part = createLayerRows(to - from);
    stream.pushBlock(closes.subarray(from, to), signals.subarray(from, to), part);
    for (const family of ATC_FAMILIES) {
      layers.layer1[family].set(part.layer1[family], from);
      layers.layer2[family].set(part.layer2[family], from);
    }
    from = to;
  }
  return { signals, ...layers };
}

type Results = ReturnType<typeof run>;

const CANONICAL_NAN = 0x7ff8000000000000n;

/** Where a result first differs by a bit from what is expected. */
function firstDifference(actual: Results, expected: Results): string | undefined {
  const arrays: [string, Float64Array, Float64Array][] = [['signal', actual.signals, expected.signals]];
  for (const family of ATC_FAMILIES) {
    arrays.push([`${family} layer 1`, actual.layer1[family], expected.layer1[family]]);
    arrays.push([`${family} layer 2`, actual.layer2[family], expected.layer2[family]]);
  }
  for (const [name, a, b] of arrays) {
    const bitsA = new BigUint64Array(a.buffer, a.byteOffset, a.length);
    const bitsB = new BigUint64Array(b.buffer, b.byteOffset, b.length);
    // The kernel writes one NaN; which one the reference's arithmetic makes depends on the processor.
    const bar = bitsA.findIndex((bits, k) => (Number.isNaN(b[k]) ? bits !== CANONICAL_NAN : bits !== bitsB[k]));
    if (bar >= 0) return `${name} at bar ${bar}: ${a[bar]}, expected ${b[bar]}`;
  }
  return undefined;
}

/** The largest difference of any average signal: 0 where all bits agree. */
function largestDifference(actual: Results, expected: Results): number {
  return actual.signals.reduce((most, signal, bar) => Math.max(most, Math.abs(signal - expected.signals[bar])), 0);
}

test(`${CASES} random configurations from seed ${SEED}: the kernel gives the bits of the reference`, () => {
  const found: string[] = [];
  let bars = 0;
  let worst = 0;
  for (let index = 0; index < CASES; index++) {
    const seed = (SEED * 1_000_003 + index) >>> 0;
    const random = randomCase(seed);
    bars += random.closes.length;
    const expected = run(random, 'reference', [random.closes.length]);
    for (const [kernel, blocks] of [
      ['wasm', [1 + (seed % 300), 64, 1, 1, 700]],
      ['typescript', [random.closes.length]],
    ] as const) {
      const computed = run(random, kernel, blocks);
      worst = Math.max(worst, largestDifference(computed, expected));
      const difference = firstDifference(computed, expected);
      if (difference)
        found.push(`case ${seed} (${random.kind}) ${kernel}: ${difference} ${JSON.stringify(random.parameters)}`);
    }
  }
  if (process.env.ATC_RANDOM_CASES) {
    console.log(
      `${CASES} configurations, ${bars} bars compared; largest difference of an average signal: ${worst}; ` +
        `configurations with any bit different: ${found.length}`,
    );
  }
  expect(worst).toBeLessThanOrEqual(1e-9);
  expect(found).toEqual([]);
});
