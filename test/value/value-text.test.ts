import { decodeValue, encodeValue, isAtcError } from 'atc-memory';
import { treeOf } from '../../src/value/value-writer.js';
import { expectSame } from '../same-value.js';

const textOf = (value: unknown) => new TextDecoder().decode(treeOf(value).text);

const JSON_VALUES: readonly unknown[] = [
  null,
  true,
  [],
  {},
  '',
  'plain',
  'quotes " and \\ and \n and \u0000 and \u007f',
  'Größe 注文 🚀',
  '\ud800 alone',
  'x'.repeat(47),
  'x'.repeat(48),
  `${'x'.repeat(100)}"é`,
  'ü'.repeat(40_000),
  '"'.repeat((1 << 20) + 5),
  [0, 9, 10, -1, 0.1, 1e21, 1e-7, 5e-324, Number.MAX_SAFE_INTEGER, 1.7976931348623157e308],
  { a: { b: [{ c: 'd' }, [[]], false] }, 'key "with" quotes': 1, '': 2, 7: 3, ключ: 4 },
  Array.from({ length: 31 }, (_, i) => ({ id: `order-${i}`, legs: i % 3 ? [] : [{ price: i / 7 }] })),
  Array.from({ length: 5000 }, (_, i) => `word ${i}`),
];

test('what is JSON is written as JSON.stringify writes it', () => {
  for (const value of JSON_VALUES) {
    expect(textOf(value)).toBe(`[${JSON.stringify(value)}]`);
    expect(treeOf(value).isJson).toBe(true);
  }
});

test.each([
  [undefined, '[{"$":["u"]}]'],
  [{ a: -0, b: Number.NaN }, '[{"a":{"$":["n","-0"]},"b":{"$":["n","NaN"]}}]'],
  [{ $: 1, a: 12n }, '[{"$":["o",0,"$",1,"a",{"$":["b","12"]}]}]'],
  [new Map([['k', new Set([1])]]), '[{"$":["m","k",{"$":["s",1]}]}]'],
  [[new Date(5), new Date(Number.NaN), /a"b/g], '[[{"$":["d",5]},{"$":["d",null]},{"$":["x","a\\"b","g"]}]]'],
  [Object.assign([], { length: 3, 1: 'x' }), '[{"$":["h",3,"1","x"]}]'],
  [Array.from({ length: 40 }, (_, i) => (i % 2 ? 'buy' : 'sell')), '[{"$":["p","text",40,0,["0"],["sell","buy"]]}]'],
])('%p is text with a tag', (value, text) => {
  expect(textOf(value)).toBe(text);
  expect(treeOf(value).isJson).toBe(false);
});

test('shared values stand at the end, within each other too', () => {
  const inner = { deep: [1] };
  const outer = { inner, list: inner.deep };
  const value = [outer, inner, outer, inner.deep];
  expect(textOf(value)).toBe(
    '[[{"$":["r",3]},{"$":["r",2]},{"$":["r",3]},{"$":["r",1]}],[1],{"deep":{"$":["r",1]}},' +
      '{"inner":{"$":["r",2]},"list":{"$":["r",1]}}]',
  );
  const back = decodeValue(encodeValue(value)) as typeof value & unknown[];
  expectSame(back, value);
  expect(back[0]).toBe(back[2]);
  expect((back[0] as typeof outer).list).toBe(back[3]);
});

test('thousands of shared values are found again', () => {
  const parts = Array.from({ length: 3000 }, (_, i) => [{ i }]);
  const value = { first: parts.map((part) => ({ part })), second: [...parts].reverse().map((part) => ({ part })) };
  expectSame(decodeValue(encodeValue(value)), value);
});

test('a getter may encode another value while one is encoded', () => {
  const other = encodeValue({ text: 'other'.repeat(500) });
  let inner: Uint8Array | undefined;
  const value = {
    before: 'before'.repeat(300),
    get now() {
      inner = encodeValue({ text: 'other'.repeat(500) });
      return 'now';
    },
    after: 'after'.repeat(300),
  };
  const bytes = encodeValue(value);
  expect(inner).toEqual(other);
  expectSame(decodeValue(bytes), { before: value.before, now: 'now', after: value.after });
});

test('an error names the row and its field', () => {
  const rows = Array.from({ length: 40 }, (_, i) => ({ id: `${i}`, legs: i === 30 ? [{ run: () => 1 }] : [] }));
  const error = (() => {
    try {
      return encodeValue({ rows });
    } catch (thrown) {
      return thrown;
    }
  })();
  expect(isAtcError(error, 'UNSUPPORTED')).toBe(true);
  expect((error as Error).message).toMatch(/^value\.rows\[30\]\.legs\[0\]\.run is a function/);
});
