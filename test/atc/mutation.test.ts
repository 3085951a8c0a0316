import { jest } from '@jest/globals';
import { committedVector, deviations } from './golden-vectors.js';

/** The golden vectors must be able to fail: a wrong constant in one family turns them red. */
describe('a broken constant', () => {
  const vector = committedVector('BTCUSDm.default');

  async function deviationsWith(slowest: number): Promise<string[]> {
    jest.resetModules();
    jest.unstable_mockModule('../../plugins/atc/kama-smoothing.js', () => ({
      KAMA_SLOWEST: slowest,
      KAMA_FASTEST: 0.666,
    }));
    const { computeAtcSignals } = await import('../../plugins/atc/index.js');
    return deviations(vector, computeAtcSignals(vector.closes, vector.parameters, { layers: true }));
  }

  test('the mock itself changes nothing while the constant is right', async () => {
    expect(await deviationsWith(0.064)).toEqual([]);
  });

  test("KAMA's slowest smoothing off by a hundredth is found, in KAMA only at layer 1", async () => {
    const found = await deviationsWith(0.074);
    expect(found.filter((line) => line.startsWith('kama layer 1')).length).toBeGreaterThan(4);
    expect(found.filter((line) => /^(ema|hma|wma|dema|lsma) layer 1/.test(line))).toEqual([]);
    expect(found.some((line) => line.startsWith('average signal'))).toBe(true);
  });
});
