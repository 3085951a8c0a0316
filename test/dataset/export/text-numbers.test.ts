/** Numbers in text files of an export are spelled as JavaScript spells them, and read back as the same doubles. */
import { TextOut } from '../../../src/formats/export/text-out.js';

function spelled(values: readonly (number | bigint)[]): string[] {
  const parts: string[] = [];
  const sink = {
    path: 'memory',
    byteLength: 0,
    write: (bytes: Uint8Array) => void parts.push(Buffer.from(bytes).toString()),
    rewrite() {},
  };
  const out = new TextOut(sink);
  for (const value of values) {
    out.number(value, (it) => (Object.is(it, -0) ? '-0' : String(it)));
    out.byte(0x20);
  }
  out.flush();
  return parts.join('').split(' ').slice(0, -1);
}

const expected = (values: readonly (number | bigint)[]) =>
  values.map((value) => (Object.is(value, -0) ? '-0' : String(value)));

test('prices of every number of decimals, whole numbers, and what has no short decimal', () => {
  const values: (number | bigint)[] = [
    0,
    -0,
    1,
    -1,
    0.1,
    -0.3,
    0.1 + 0.2,
    1 / 3,
    100.25,
    99_999.99,
    0.0001,
    0.00011,
    0.00009999,
    5e-324,
    1.7976931348623157e308,
    1e15,
    1e15 - 1,
    999_999_999_999_999.9,
    123_456_789_012.345,
    2 ** 53,
    2 ** 53 - 1,
    2 ** 31,
    2 ** 31 - 1,
    4_294_967_296.5,
    1e21,
    1e-7,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    9_007_199_254_740_993n,
    -(2n ** 63n),
    1.005,
    1.0000000001,
    1.00000000001,
    0.0012345678,
    8.12345678,
  ];
  expect(spelled(values)).toEqual(expected(values));
});

test('a hundred thousand numbers of each kind', () => {
  let state = 7;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const bits = new Float64Array(1);
  const words = new Uint32Array(bits.buffer);
  const kinds: Record<string, () => number> = {
    decimals: () => Math.round(random() * 10 ** Math.floor(random() * 16)) / 10 ** Math.floor(random() * 12),
    neighbours: () => {
      bits[0] = Math.round(random() * 1e7) / 10 ** Math.floor(random() * 9);
      words[0] += Math.floor(random() * 3) - 1;
      return bits[0];
    },
    sums: () => Math.round(random() * 1e5) / 100 + Math.round(random() * 1e5) / 1000,
    large: () => (random() - 0.5) * 10 ** Math.floor(random() * 20),
    any: () => {
      words[0] = Math.floor(random() * 2 ** 32);
      words[1] = Math.floor(random() * 2 ** 32);
      return bits[0];
    },
  };
  for (const [kind, of] of Object.entries(kinds)) {
    const values = Array.from({ length: 100_000 }, of);
    const wanted = expected(values);
    const found = spelled(values);
    const wrong = found.findIndex((text, k) => text !== wanted[k]);
    expect({ kind, found: found[wrong], wanted: wanted[wrong], rows: found.length }).toEqual({
      kind,
      found: undefined,
      wanted: undefined,
      rows: 100_000,
    });
  }
});

test('text longer than a chunk goes through as it is', () => {
  const parts: Buffer[] = [];
  const sink = {
    path: 'memory',
    byteLength: 0,
    write: (bytes: Uint8Array) => void parts.push(Buffer.from(bytes)),
    rewrite() {},
  };
  const out = new TextOut(sink);
  const texts = ['a', 'ü'.repeat(100_000), 'b', 'c'.repeat(65_536), 'd', 'e'.repeat(65_535), 'f'];
  for (const text of texts) out.text(text);
  out.flush();
  expect(Buffer.concat(parts).equals(Buffer.from(texts.join('')))).toBe(true);
});
