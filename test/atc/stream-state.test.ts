/** A stream that is saved and resumed gives the bits of one that never stopped. */
import { decodeValue, encodeValue } from 'atc-memory';
import {
  ATC_KERNEL_VERSION,
  type AtcKernel,
  type AtcParameters,
  computeAtcSignals,
  createAtcStream,
} from 'atc-memory/atc';
import { leaveGaps, randomWalk, standStill, tickWalk } from './price-series.js';
import { randomCase } from './random-cases.js';

const KERNELS: readonly AtcKernel[] = ['wasm', 'typescript', 'reference'];

const SHORT: AtcParameters = {
  emaLength: 9,
  hmaLength: 12,
  wmaLength: 8,
  demaLength: 10,
  lsmaLength: 11,
  kamaLength: 7,
  cutout: 40,
  strategyMode: true,
};

function expectSameBits(actual: Float64Array, expected: Float64Array): void {
  expect(Buffer.compare(Buffer.from(actual.buffer, actual.byteOffset, actual.byteLength), bytesOf(expected))).toBe(0);
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

/** The signals of the bars behind `cut`, from a stream that was saved there and rebuilt. */
function resumed(closes: Float64Array, cut: number, parameters: AtcParameters, kernel: AtcKernel): Float64Array {
  const first = createAtcStream(parameters, { kernel });
  first.pushBlock(closes.subarray(0, cut));
  const state = first.state();
  const second = createAtcStream(parameters, { state });
  expect({ bars: second.bars, kernel: second.kernel }).toEqual({ bars: cut, kernel });
  // The first goes on as well, and others compute in between: neither may touch the other's state.
  if (cut < closes.length) first.push(closes[cut] * 2);
  return second.pushBlock(closes.subarray(cut));
}

describe.each(KERNELS)('%s', (kernel) => {
  test('saved at every bar: gaps, ties, a cutout, warm-up and rebuilt sums', () => {
    const closes = leaveGaps(standStill(tickWalk(5, 260, 0.25, 400), 3, 3, 12), 8, 3, 5);
    const expected = computeAtcSignals(closes, SHORT, { kernel }).averageSignal;
    for (let cut = 0; cut <= closes.length; cut += kernel === 'reference' ? 7 : 1) {
      expectSameBits(resumed(closes, cut, SHORT, kernel), expected.subarray(cut));
    }
  });

  test('saved after every bar, as a live system that restarts all the time', () => {
    const closes = randomWalk(11, kernel === 'reference' ? 50 : 150);
    const expected = computeAtcSignals(closes, undefined, { kernel }).averageSignal;
    let state = createAtcStream(undefined, { kernel }).state();
    const signals = closes.map((close) => {
      const stream = createAtcStream(undefined, { state });
      const signal = stream.push(close);
      state = stream.state();
      return signal;
    });
    expectSameBits(signals, expected);
  });

  test('random configurations, saved three times', () => {
    for (let seed = 1; seed <= (kernel === 'reference' ? 8 : 30); seed++) {
      const { closes, parameters } = randomCase(70_000 + seed);
      const whole = createAtcStream(parameters, { kernel }).pushBlock(closes);
      let stream = createAtcStream(parameters, { kernel });
      const cuts = [0.2, 0.5, 0.83, 1].map((share) => Math.floor(share * closes.length));
      let from = 0;
      for (const to of cuts) {
        expectSameBits(stream.pushBlock(closes.subarray(from, to)), whole.subarray(from, to));
        stream = createAtcStream(parameters, { state: stream.state() });
        from = to;
      }
    }
  });

  test('saving changes nothing, and the same state gives the same bytes', () => {
    const closes = randomWalk(3, 300);
    const stream = createAtcStream(undefined, { kernel });
    const signals = stream.pushBlock(closes.subarray(0, 200));
    expect(Buffer.compare(stream.state(), stream.state())).toBe(0);
    const rest = stream.pushBlock(closes.subarray(200));
    expectSameBits(
      Float64Array.of(...signals, ...rest),
      computeAtcSignals(closes, undefined, { kernel }).averageSignal,
    );
  });
});

describe('a state that cannot be resumed is refused', () => {
  const stream = createAtcStream(SHORT);
  stream.pushBlock(randomWalk(2, 100));
  const state = stream.state();
  const changed = (change: object) => encodeValue({ ...(decodeValue(state) as object), ...change });
  const code = (bytes: unknown, parameters: AtcParameters = SHORT, kernel?: AtcKernel) => {
    try {
      createAtcStream(parameters, { state: bytes as Uint8Array, kernel });
      return undefined;
    } catch (error) {
      return (error as { code?: string }).code;
    }
  };

  test('other parameters, named', () => {
    expect(() => createAtcStream({ ...SHORT, wmaLength: 9 }, { state })).toThrow(
      /saved with wmaLength 8, now it is 9; resume with the same/,
    );
    expect(() => createAtcStream({ ...SHORT, cut: { long: 0.2, short: -0.1 } }, { state })).toThrow(/saved with cut/);
    expect(code(state, undefined, undefined)).toBeUndefined();
    expect(code(state, {})).toBe('ARGUMENT');
  });

  test('another kernel, another version of the arithmetic or of the format', () => {
    expect(code(state, SHORT, 'reference')).toBe('ARGUMENT');
    expect(code(changed({ kernelVersion: ATC_KERNEL_VERSION + 1 }))).toBe('FORMAT_VERSION');
    expect(code(changed({ version: 2 }))).toBe('FORMAT_VERSION');
  });

  test('values other than a state are refused', () => {
    for (const bytes of ['text', new Float64Array(4), null, encodeValue(null), encodeValue([1, 2])]) {
      expect(code(bytes)).toBe('ARGUMENT');
    }
    expect(code(new Uint8Array(0))).toBe('CORRUPT');
    expect(code(Uint8Array.of(1, 2, 3))).toBe('CORRUPT');
  });

  test('cut short at every length', () => {
    for (let length = 0; length < state.length; length++) expect(code(state.slice(0, length))).toBe('CORRUPT');
  });

  test('any flipped bit', () => {
    for (let at = 0; at < state.length; at++) {
      const flipped = state.slice();
      flipped[at] ^= 1 << (at & 7);
      // Byte 4 is the version of the value's own format.
      expect(code(flipped)).toBe(at === 4 ? 'FORMAT_VERSION' : 'CORRUPT');
    }
  });

  test('a state that no run leaves behind, though its checksum is right', () => {
    const { engine } = decodeValue(state) as { engine: Uint8Array };
    const withPosition = (position: number) => {
      const bytes = engine.slice();
      // BAR and CLEAN_RUN come first, then the index of the next record.
      new DataView(bytes.buffer).setInt32(16, position, true);
      return bytes;
    };
    for (const broken of [
      withPosition(-1),
      withPosition(1 << 28),
      engine.slice(1),
      Uint8Array.of(...engine, 0),
      'text',
      undefined,
      Float64Array.of(1),
    ]) {
      expect(code(changed({ engine: broken }))).toBe('CORRUPT');
    }
    for (const bars of [-1, 1.5, '100', 99]) expect(code(changed({ bars }))).toBe('CORRUPT');
    const slow = createAtcStream(SHORT, { kernel: 'reference' });
    slow.push(1);
    const fields = decodeValue(slow.state()) as { engine: Record<string, unknown> };
    for (const broken of [{}, { ...fields.engine, bars: 'one' }, { ...fields.engine, families: [] }, null, 5]) {
      expect(code(encodeValue({ ...fields, engine: broken }))).toBe('CORRUPT');
    }
  });
});

test('it is small, whatever came before', () => {
  const stream = createAtcStream();
  stream.pushBlock(randomWalk(4, 20_000));
  expect(stream.state().length).toBeLessThan(20_000);
});
