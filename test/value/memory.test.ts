/**
 * `maxBytes` against the memory that decoded values really take, measured; forged structures never take more than
 * twice.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { decodeValue, encodeValue, isAtcError } from 'atc-memory';
import { compressDataFrame } from '../../src/codec/table-frame.js';
import { forgeValue } from './forge.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes that are alive because of `make`, and its result, or its error. */
function measured(make: () => unknown): { live: number; error: unknown } {
  collect();
  const before = process.memoryUsage();
  let [held, error]: unknown[] = [];
  try {
    held = make();
  } catch (thrown) {
    error = thrown;
  }
  collect();
  const after = process.memoryUsage();
  const live = after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers;
  return { live: held === undefined ? 0 : live, error };
}

const MANY = 30_000;
const list = (item: string | ((i: number) => string), count = MANY) =>
  `[[${Array.from({ length: count }, (_, i) => (typeof item === 'string' ? item : item(i))).join(',')}]]`;
const column = (values: Float64Array | BigInt64Array | Uint8Array) => compressDataFrame({ v: values });
const packed = (kind: string, ...more: unknown[]) => JSON.stringify([{ $: ['p', kind, MANY, 0, ['v'], ...more] }]);
const rows = (kind: string, names: readonly string[]) =>
  JSON.stringify([{ $: ['t', MANY, ...names.flatMap((name) => [name, [kind, MANY, 0, ['v']]])] }]);
const tuples = (...kinds: unknown[][]) => JSON.stringify([{ $: ['a', MANY, ...kinds] }]);
const sevens = new Float64Array(MANY).fill(7.25);

/** Structures that unfold, each well above the bound they are decoded with. */
const UNFOLDING: Record<string, Uint8Array> = {
  'empty objects': forgeValue(list('{}')),
  'empty arrays': forgeValue(list('[]')),
  'arrays of one': forgeValue(list('[0]')),
  'objects of one field': forgeValue(list('{"a":1.5}')),
  'objects with names of their own': forgeValue(list((i) => `{"k${i}":0}`)),
  'one object of many names': forgeValue(`[{${list((i) => `"k${i}":0`).slice(2, -2)}}]`),
  'objects with digits as names': forgeValue(list((i) => `{"${i}":0}`)),
  'objects with far elements': forgeValue(list('{"999":0}')),
  'short texts': forgeValue(list((i) => `"s${i}"`)),
  'texts of two bytes a letter': forgeValue(list((i) => `"€${i}"`)),
  'numbers among others': forgeValue(list((i) => (i === 0 ? 'null' : '1.5'))),
  'empty Maps': forgeValue(list('{"$":["m"]}')),
  'one Map': forgeValue(`[{"$":["m",${list((i) => `${i},0`).slice(2, -2)}]}]`),
  'one Set': forgeValue(`[{"$":["s",${list((i) => `${i}`).slice(2, -2)}]}]`),
  'single dates': forgeValue(list('{"$":["d",7]}')),
  'short binaries': forgeValue(list('{"$":["y","uint8","AAAA"]}')),
  'objects without prototype': forgeValue(list('{"$":["o",1]}')),
  'arrays of holes': forgeValue(list('{"$":["h",4000]}', 300)),
  dates: forgeValue(packed('date'), [column(new Float64Array(MANY).fill(7))]),
  bigints: forgeValue(packed('bigint'), [column(new BigInt64Array(MANY).fill(1n << 60n))]),
  'rows of one number': forgeValue(rows('number', ['a']), [column(sevens)]),
  'rows of five numbers': forgeValue(rows('number', ['a', 'b', 'c', 'd', 'e']), [column(sevens)]),
  'tuples of one number': forgeValue(tuples(['number', MANY, 0, ['v']]), [column(sevens)], { version: 2 }),
  'tuples of 20 numbers': forgeValue(tuples(...Array(20).fill(['number', MANY, 0, ['v']])), [column(sevens)], {
    version: 2,
  }),
  'tuples of numbers and absence': forgeValue(
    tuples(['number', MANY, 0, ['v']], ['nullable', MANY, 0, ['v', 'absent']]),
    [compressDataFrame({ v: sevens, absent: new Uint8Array(MANY) })],
    { version: 2 },
  ),
  'rows of dates': forgeValue(rows('date', ['a', 'b']), [column(new Float64Array(MANY).fill(7))]),
};

test.each(Object.entries(UNFOLDING))('%s: what is decoded takes at most twice maxBytes', (_, bytes) => {
  const refused = measured(() => decodeValue(bytes, { maxBytes: 1 << 17 }));
  expect(isAtcError(refused.error, 'ARGUMENT')).toBe(true);
  // A bound that it passes, at most a fifth above the smallest one.
  let maxBytes = 1 << 17;
  const passes = () => {
    try {
      return decodeValue(bytes, { maxBytes }) !== undefined;
    } catch {
      return false;
    }
  };
  while (!passes()) maxBytes *= 1.2;
  const found = measured(() => decodeValue(bytes, { maxBytes }));
  expect(found.error).toBeUndefined();
  expect(found.live).toBeLessThan(2 * maxBytes);
});

test('an array with holes takes what its elements take, however long it is', () => {
  const sparse: unknown[] = [];
  sparse.length = 4_000_000_000;
  sparse[3_000_000_000] = 'x';
  const bytes = encodeValue([sparse, sparse]);
  const { live, error } = measured(() => decodeValue(bytes, { maxBytes: 1 << 16 }));
  expect(error).toBeUndefined();
  expect(live).toBeLessThan(1 << 17);
  const [back] = decodeValue(bytes) as unknown[][];
  expect([back.length, Object.keys(back), back[3_000_000_000]]).toEqual([4_000_000_000, ['3000000000'], 'x']);
  const holes = forgeValue(`[[${Array(20).fill('{"$":["h",33000000]}').join(',')}]]`);
  expect(measured(() => decodeValue(holes, { maxBytes: 1 << 20 })).live).toBeLessThan(1 << 21);
});
