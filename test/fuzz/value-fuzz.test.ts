/**
 * Values whose checksum is right and whose content was made up: an error of ours with a code, never another, never a
 * changed prototype.
 */
import { decodeValue, encodeValue, isAtcError } from 'atc-memory';
import { compressDataFrame } from '../../src/codec/table-frame.js';
import { forgeValue } from '../value/forge.js';
import { Dice } from './frame-cases.js';

const ROUNDS = Number(process.env.ATC_FUZZ_ROUNDS ?? 20_000);
const SEED = Number(process.env.ATC_FUZZ_SEED ?? 1);

const node = (...parts: unknown[]) => JSON.stringify([{ $: parts }]);
const column = compressDataFrame({
  a: Float64Array.of(1, 2, 3),
  b: Uint8Array.of(0, 1, 2),
  c: Float64Array.of(0, 1.5, 2),
  d: Uint8Array.of(0, 3, 1),
});

test('the forge writes the bytes that encodeValue writes', () => {
  expect(forgeValue('["x"]')).toEqual(encodeValue('x'));
});

const FORGED: Record<string, [Uint8Array | string, Uint8Array[]?]> = {
  'no UTF-8': [Uint8Array.of(0x5b, 0x22, 0xff, 0xfe, 0x22, 0x5d)],
  'no JSON': ['[1'],
  'no value': ['[]'],
  'nesting beyond the stack': ['['.repeat(400_000) + ']'.repeat(400_000)],
  'an unknown tag': [node('zz')],
  'a tag that is no list': ['[{"$":1}]'],
  'rows with a field __proto__': [node('t', 3, '__proto__', ['other', [{}, {}, {}]])],
  'rows without fields': [node('t', 4e9)],
  'rows of another length': [node('t', 4, 'a', ['number', 4, 0, ['a']]), [column]],
  'a section that is not there': [node('c', 7, 'a', 'float64')],
  'a section that is no number': [node('c', 0.5, 'a', 'float64'), [column]],
  'a column that is not there': [node('c', 0, 'toString', 'float64'), [column]],
  'a section that is no frame': [node('c', 0, 'a', 'float64'), [Uint8Array.of(1, 2, 3)]],
  'bytes of no whole element': [node('y', 'float64', 'AAA=')],
  'a binary of an unknown kind': [node('y', 'Function', 'AAAA')],
  'an array without end': [node('h', 4e9, 4e9 + 5, 1)],
  'an array that is too long': [node('h', 1e12)],
  'a list that packs nothing': [node('p', 'other', [1, 2])],
  'a dictionary of objects': [node('p', 'text', 3, 0, ['b'], [{}, {}, {}]), [column]],
  'a reference to itself': [JSON.stringify([{ $: ['r', 1] }, { $: ['r', 1] }])],
  'a bigint of many digits': [node('b', '9'.repeat(3_000_000))],
  'a bigint that is none': [node('b', '0x10')],
  'a wrong regular expression': [node('x', '(', 'g')],
  'a number that is none': [node('n', '12')],
  'a time that is no whole number': [node('d', 1.5)],
  'a time beyond every Date': [node('d', 9e15)],
  'a time as text': [node('d', '0')],
  'an array of negative length': [node('h', -1)],
  'an array of half a length': [node('h', 2.5)],
  'an index that is no number': [node('h', 3, 'x', 1)],
  'an index between two': [node('h', 3, '1.5', 1)],
  'an index spelt twice': [node('h', 3, '1', 1, '01', 2)],
  'indexes in disorder': [node('h', 9, '5', 1, '2', 2)],
  'a negative index': [node('h', 3, '-1', 1)],
  'a reference between two values': [JSON.stringify([{ $: ['r', 1.5] }, 1, 2])],
  'a reference beyond the values': [JSON.stringify([{ $: ['r', 2] }, 1])],
  'a reference to the root': [JSON.stringify([{ $: ['r', 0] }])],
  'a word beyond the dictionary': [node('p', 'text', 3, 0, ['b'], ['one', 'two']), [column]],
  'words by fractions': [node('p', 'text', 3, 0, ['a'], ['one', 'two']), [column]],
  'flags that are numbers': [node('p', 'boolean', 3, 0, ['b']), [column]],
  'flags in a wide column': [node('p', 'boolean', 3, 0, ['a']), [column]],
  'numbers in a column of bytes': [node('p', 'number', 3, 0, ['b']), [column]],
  'bigints in a column of doubles': [node('p', 'bigint', 3, 0, ['a']), [column]],
  'dates that no Date holds': [node('p', 'date', 3, 0, ['c']), [column]],
  'an unknown kind of absence': [node('p', 'nullable', 3, 0, ['a', 'd']), [column]],
  'a column of another length': [node('p', 'number', 2, 0, ['a']), [column]],
  'a Map with a key twice': [node('m', 1, 2, 1, 3)],
  'a Map with a key alone': [node('m', 1)],
  'a Set with a value twice': [node('s', 1, 1)],
  'an object with a key twice': [node('o', 0, 'a', 1, 'a', 2)],
  'rows with a field twice': [node('t', 3, 'a', ['number', 3, 0, ['a']], 'a', ['number', 3, 0, ['a']]), [column]],
  'rows of half a length': [node('t', 2.5, 'a', ['number', 3, 0, ['a']]), [column]],
  'a tag among other names': ['[{"$":["u"],"a":1}]'],
};

test.each(Object.entries(FORGED))('%s', (_, [structure, sections]) => {
  let error: unknown;
  try {
    decodeValue(forgeValue(structure, sections));
  } catch (thrown) {
    error = thrown;
  }
  expect(isAtcError(error, 'CORRUPT')).toBe(true);
});

const numbers = (name: string, length = 3) => ['number', length, 0, [name]];
const FORGED_TUPLES: Record<string, string> = {
  'tuples without columns': node('a', 3),
  'tuples of flags': node('a', 3, ['boolean', 3, 0, ['d']]),
  'tuples of dates': node('a', 3, ['date', 3, 0, ['a']]),
  'tuples of other values': node('a', 3, ['other', [1, 2, 3]]),
  'more tuples than numbers': node('a', 4, numbers('a', 4)),
  'fewer tuples than numbers': node('a', 2, numbers('a')),
  'half a tuple': node('a', 2.5, numbers('a')),
  'tuples without a count': node('a', numbers('a')),
  'a column of bytes': node('a', 3, numbers('a'), numbers('b')),
  'a column that is no list': node('a', 3, 'number'),
  'an unknown absence': node('a', 3, ['nullable', 3, 0, ['a', 'd']]),
  'a null without its absence': node('a', 3, ['nullable', 3, 0, ['a']]),
};

test.each(Object.entries(FORGED_TUPLES))('%s', (_, structure) => {
  expect(() => decodeValue(forgeValue(structure, [column], { version: 2 }))).toThrow(
    expect.objectContaining({ code: 'CORRUPT' }),
  );
  // A right one, so that the version and the column are not what is refused.
  const right = forgeValue(node('a', 3, numbers('a'), ['nullable', 3, 0, ['c', 'b']]), [column], { version: 2 });
  expect(decodeValue(right)).toEqual([
    [1, 0],
    [2, null],
    [3, undefined],
  ]);
});

test(`${ROUNDS / 10} made-up tuples from seed ${SEED}: right, or an error with a code`, () => {
  const dice = new Dice(SEED);
  const columns = ['a', 'a', 'c', 'c', 'b', 'd', 'e'];
  let decoded = 0;
  for (let round = 0; round < ROUNDS / 10; round++) {
    const packed = Array.from({ length: dice.below(4) }, () => [
      dice.pick(['number', 'number', 'number', 'nullable', 'date', 'other']),
      dice.pick([3, 3, 3, 3, 3, 2, -1]),
      dice.pick([0, 0, 0, 0, 0, 1]),
      Array.from({ length: dice.pick([1, 1, 1, 2]) }, () => dice.pick(columns)),
    ]);
    const text = node('a', dice.pick([3, 3, 3, 0, 4e9]), ...packed);
    try {
      const value = decodeValue(forgeValue(text, [column], { version: 2 })) as unknown[][];
      expect(value.map((tuple) => tuple.length)).toEqual([packed.length, packed.length, packed.length]);
      decoded++;
    } catch (error) {
      if (!isAtcError(error)) throw new Error(`round ${round}: ${text}`, { cause: error });
    }
  }
  expect(decoded).toBeGreaterThan(ROUNDS / 2000);
});

test('a key __proto__ is a key like any other, in every kind of object', () => {
  for (const text of ['[{"__proto__":{"polluted":1}}]', node('o', 0, '__proto__', { polluted: 1 })]) {
    const value = decodeValue(forgeValue(text)) as Record<string, unknown>;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(value.polluted).toBeUndefined();
  }
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test(`${ROUNDS} made-up structures from seed ${SEED}`, () => {
  const dice = new Dice(SEED);
  const tags = ['n', 'u', 'b', 'd', 'x', 'm', 's', 'h', 'o', 'r', 'y', 'c', 'p', 't', 'a', '?'];
  const words = [
    '',
    'a',
    'b',
    '__proto__',
    'constructor',
    'number',
    'other',
    'nullable',
    'text',
    'float64',
    'Buffer',
    'g',
  ];
  const make = (depth: number): unknown => {
    switch (dice.below(depth > 4 ? 4 : 8)) {
      case 0:
        return dice.below(5);
      case 1:
        return dice.pick(words);
      case 2:
        return dice.pick([null, true, -1, 1.5, 2 ** 40]);
      case 3:
        return [];
      case 4:
        return Array.from({ length: dice.below(4) }, () => make(depth + 1));
      case 5:
        return { [dice.pick(words)]: make(depth + 1) };
      default:
        return { $: [dice.pick(tags), ...Array.from({ length: dice.below(6) }, () => make(depth + 1))] };
    }
  };
  const names = Object.getOwnPropertyNames(Object.prototype);
  let decoded = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const text = JSON.stringify(Array.from({ length: 1 + dice.below(3) }, () => make(0)));
    try {
      decodeValue(forgeValue(text, [column], { version: 1 + dice.below(2) }), { maxBytes: 1e8 });
      decoded++;
    } catch (error) {
      if (!isAtcError(error)) throw new Error(`round ${round}: ${text}`, { cause: error });
    }
  }
  expect(decoded).toBeGreaterThan(ROUNDS / 10);
  expect(decoded).toBeLessThan(ROUNDS);
  expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(names);
});
