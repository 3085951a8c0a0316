import { ATC_FAMILIES, classifyTrend, computeAtcSignals, createAtcStream, resolveAtcParameters } from 'atc-memory/atc';
import { nineLengths } from '../../plugins/atc/families.js';
import { ReferenceStream } from '../../plugins/atc/reference/reference-stream.js';
import { noteAbsence, sharedFiles } from '../shared-data.js';
import { deviations, type GoldenVector, goldenFiles, readGolden, type StageProbe } from './golden-vectors.js';

const KERNELS = ['reference', 'wasm', 'typescript'] as const;

/** Runs the reference and keeps what its 54 averages went through. */
function probeReference(vector: GoldenVector): StageProbe {
  const stream = new ReferenceStream(resolveAtcParameters(vector.parameters));
  const bars = Array.from(vector.closes, (close) => {
    stream.next(close);
    return stream.families.map((family) =>
      family.members.map(({ value, side, account }) => ({ value, side, account })),
    );
  });
  const at = (family: (typeof ATC_FAMILIES)[number], member: number, bar: number) =>
    bars[bar][ATC_FAMILIES.indexOf(family)][member];
  return {
    average: (family, member, bar) => at(family, member, bar).value,
    side: (family, member, bar) => at(family, member, bar).side,
    account: (family, member, bar) => at(family, member, bar).account,
  };
}

const further = sharedFiles('golden', '.json.gz');
noteAbsence(further);

describe.each(goldenFiles(further))('golden %s', (file) => {
  const vector = readGolden(file);
  const signals = computeAtcSignals(vector.closes, vector.parameters, { layers: true });
  const probe = probeReference(vector);

  test.each(KERNELS)('%s: every stage agrees with the original within its tolerance', (kernel) => {
    const computed = computeAtcSignals(vector.closes, vector.parameters, { layers: true, kernel });
    expect(computed.kernel).toBe(kernel);
    expect(deviations(vector, computed, probe).slice(0, 10)).toEqual([]);
  });

  test('fed bar by bar', () => {
    const stream = createAtcStream(vector.parameters);
    const averageSignal = Float64Array.from(vector.closes, (close) => stream.push(close));
    expect(deviations(vector, { kernel: stream.kernel, averageSignal }, probe).slice(0, 10)).toEqual([]);
  });

  test('lengths and trend agree', () => {
    const { robustness } = resolveAtcParameters(vector.parameters);
    for (const family of ATC_FAMILIES) {
      const base = vector.parameters[`${family}Length`] as number;
      expect(nineLengths(base, robustness!)).toEqual(vector.lengths[family.toUpperCase()]);
    }
    if (!file.includes('step.')) {
      const parameters = resolveAtcParameters(vector.parameters);
      expect(Array.from(classifyTrend(signals.averageSignal, parameters))).toEqual(vector.trend);
    }
  });
});
