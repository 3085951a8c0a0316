import { isAtcError } from 'atc-memory';
import { ATC_DEFAULTS, type AtcParameters, minimumBars, resolveAtcParameters } from 'atc-memory/atc';

function refusal(parameters: unknown): { key?: string; message: string } {
  try {
    resolveAtcParameters(parameters as AtcParameters);
  } catch (error) {
    if (isAtcError(error, 'ARGUMENT')) return { key: error.key, message: error.message };
    throw error;
  }
  throw new Error('accepted');
}

test('no parameters are the defaults', () => {
  expect(resolveAtcParameters()).toEqual(ATC_DEFAULTS);
  expect(resolveAtcParameters({ emaLength: undefined })).toEqual(ATC_DEFAULTS);
  expect(minimumBars(ATC_DEFAULTS)).toBe(34);
});

test('the cut follows the thresholds unless it is given', () => {
  expect(resolveAtcParameters({ longThreshold: 0.2 }).cut).toEqual({ long: 0.2, short: -0.1 });
  expect(resolveAtcParameters({ longThreshold: 0.2, cut: { long: 0.49, short: -0.49 } }).cut).toEqual({
    long: 0.49,
    short: -0.49,
  });
});

test.each([
  [{ emaLength: 6 }, 'emaLength', '6', 'from 7 (Medium)'],
  [{ hmaLength: 7 }, 'hmaLength', '7', 'from 8 (Medium)'],
  [{ wmaLength: 28.5 }, 'wmaLength', '28.5', 'whole number'],
  [{ demaLength: Number.NaN }, 'demaLength', 'NaN', 'whole number'],
  [{ lsmaLength: 20_000 }, 'lsmaLength', '20000', 'to 10000'],
  [{ kamaLength: '28' }, 'kamaLength', '"28"', 'whole number'],
  [{ kamaLength: 7, robustness: 'Wide' }, 'kamaLength', '7', 'from 8 (Wide)'],
  [{ emaWeight: 0 }, 'emaWeight', '0', 'above 0'],
  [{ kamaWeight: Number.POSITIVE_INFINITY }, 'kamaWeight', 'Infinity', 'finite'],
  [{ robustness: 'medium' }, 'robustness', '"medium"', 'Narrow, Medium, Wide'],
  [{ lambda: Number.NaN }, 'lambda', 'NaN', 'finite'],
  [{ decay: 100.1 }, 'decay', '100.1', '0 to 100'],
  [{ decay: -1 }, 'decay', '-1', '0 to 100'],
  [{ cutout: -1 }, 'cutout', '-1', '0 or more'],
  [{ cutout: 1.5 }, 'cutout', '1.5', 'whole number'],
  [{ longThreshold: -0.1 }, 'longThreshold', '-0.1', 'above shortThreshold'],
  [{ shortThreshold: Number.NaN }, 'shortThreshold', 'NaN', 'finite'],
  [{ cut: { long: 0, short: 0 } }, 'cut', '{"long":0,"short":0}', 'long above short'],
  [{ classify: 'none' }, 'classify', '"none"', 'sign or hysteresis'],
  [{ strategyMode: 1 }, 'strategyMode', '1', 'true or false'],
])('%j is refused by name, value and what is allowed', (parameters, key, found, allowed) => {
  const error = refusal(parameters);
  expect(error.key).toBe(key);
  expect(error.message).toContain(`${key} is ${found};`);
  expect(error.message).toContain(allowed);
});

test('an unknown parameter is refused with the nearest known one', () => {
  expect(refusal({ emaLenght: 28 }).message).toContain('did you mean "emaLength"');
  expect(refusal(null).message).toContain('null');
});

test('the smallest lengths and the bars they need', () => {
  const shortest = { emaLength: 5, hmaLength: 6, wmaLength: 5, demaLength: 5, lsmaLength: 5, kamaLength: 5 };
  const parameters = resolveAtcParameters({ ...shortest, robustness: 'Narrow' });
  expect(minimumBars(parameters)).toBe(10);
  expect(minimumBars({ ...parameters, cutout: 50 })).toBe(51);
  // KAMA is defined from the first bar, so its length asks for nothing.
  expect(minimumBars({ ...parameters, kamaLength: 500 })).toBe(10);
});
