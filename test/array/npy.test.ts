/** .npy files made by numpy (committed), damaged ones, and the headers that we write. */
import { readFileSync } from 'node:fs';
import { getMemoryMappedInfo, loadMemoryMappedArray } from '../../src/array/load.js';
import { decodeNpyHeader } from '../../src/array/npy-header.js';
import { encodeNpyHeader } from '../../src/array/npy-header-writer.js';
import { parseLiteral } from '../../src/array/npy-literal.js';
import { createArray, type Dtype, itemSize, type TypedArray } from '../../src/dtype.js';
import { thrownBy } from '../io/workspace.js';
import { bits, fixture, workspace } from './npy-fixture.js';

/** The same values as fixtures/make.py, in the dtype. */
function integers(dtype: Dtype, min: bigint, max: bigint): TypedArray {
  const values = createArray(dtype, 12);
  const wide = dtype === 'int64' || dtype === 'uint64';
  for (let k = 0; k < 12; k++) {
    const value = k === 0 ? min : k === 11 ? max : BigInt((k * 37) % 101);
    (values as unknown as (number | bigint)[])[k] = wide ? value : Number(value);
  }
  return values;
}

const INTEGERS: [string, Dtype, bigint, bigint][] = [
  ['i1', 'int8', -128n, 127n],
  ['u1', 'uint8', 0n, 255n],
  ['i2', 'int16', -32768n, 32767n],
  ['u2', 'uint16', 0n, 65535n],
  ['i4', 'int32', -(2n ** 31n), 2n ** 31n - 1n],
  ['u4', 'uint32', 0n, 2n ** 32n - 1n],
  ['i8', 'int64', -(2n ** 63n), 2n ** 63n - 1n],
  ['u8', 'uint64', 0n, 2n ** 64n - 1n],
];

describe('files made by numpy', () => {
  it.each(INTEGERS)('%s is %s', async (name, dtype, min, max) => {
    const array = await loadMemoryMappedArray(fixture(name));
    expect(array).toMatchObject({ dtype, shape: [12], length: 12, byteLength: 12 * itemSize(dtype), order: 'C' });
    expect(bits(array.slice())).toBe(bits(integers(dtype, min, max)));
    expect(bits(array.view())).toBe(bits(integers(dtype, min, max)));
    const wide = dtype === 'int64' || dtype === 'uint64';
    expect(array.at(0)).toBe(wide ? min : Number(min));
    expect(array.at(-1)).toBe(wide ? max : Number(max));
    array.close();
  });

  it.each([
    ['f4', 'float32', 2 ** -149, (2 - 2 ** -23) * 2 ** 127],
    ['f8', 'float64', 5e-324, Number.MAX_VALUE],
  ] as const)('%s is %s', async (name, dtype, tiny, huge) => {
    const array = await loadMemoryMappedArray(fixture(name));
    const specials = [-0, Infinity, -Infinity, tiny, huge];
    const expected = createArray(dtype, 12);
    for (let k = 0; k < 12; k++) expected[k] = specials[k] ?? k / 8 - 1;
    expect(array.dtype).toBe(dtype);
    expect(bits(array.slice())).toBe(bits(expected));
    array.close();
  });

  it('preserves NaN payloads, -0 and 2^53 - 1 as bits', async () => {
    const array = await loadMemoryMappedArray(fixture('f8-bits'));
    const expected = [0x7ff8000000000abcn, 0x7ff0000000000001n, 0xfff8000000000000n, 2n ** 63n, 0x433fffffffffffffn];
    expect(bits(array.slice())).toBe(bits(BigUint64Array.from(expected)));
    expect(bits(array.view())).toBe(bits(BigUint64Array.from(expected)));
    array.close();
  });

  it.each([
    ['c-order', 'C'],
    ['f-order', 'F'],
  ])('%s: the same element under the same indices', async (name, order) => {
    const array = await loadMemoryMappedArray(fixture(name));
    expect(array).toMatchObject({ order, shape: [2, 3, 4], length: 24 });
    for (let i = 0; i < 2; i++)
      for (let j = 0; j < 3; j++)
        for (let k = 0; k < 4; k++) {
          expect(array.at([i, j, k])).toBe((i * 12 + j * 4 + k) / 4);
          expect(array.at([i - 2, j - 3, k - 4])).toBe((i * 12 + j * 4 + k) / 4);
        }
    expect([...array.slice(0, 3)]).toEqual(order === 'C' ? [0, 0.25, 0.5] : [0, 3, 1]);
    expect(array.at([0, 3, 0])).toBeUndefined();
    expect(array.at([-3, 0, 0])).toBeUndefined();
    expect(thrownBy(() => array.at([0, 0])).code).toBe('ARGUMENT');
    array.close();
  });

  it('one axis is the same in both orders', async () => {
    const array = await loadMemoryMappedArray(fixture('f-order-1d'));
    expect([...array.slice()]).toEqual([0, 1, 2, 3, 4]);
    array.close();
  });

  it.each([1, 2, 3])('version %i', async (version) => {
    const header = decodeNpyHeader(readFileSync(fixture(`version-${version}`)), 'x');
    expect(header).toMatchObject({ version, dtype: 'float64', shape: [2, 3], order: 'C' });
    const array = await loadMemoryMappedArray(fixture(`version-${version}`));
    expect([...array.slice()]).toEqual([0, 1, 2, 3, 4, 5]);
    array.close();
  });

  it.each([
    ['empty', 'float64', [0], 0],
    ['empty-rows', 'int32', [0, 3], 0],
    ['scalar', 'float64', [], 1],
  ])('%s', async (name, dtype, shape, length) => {
    const info = await getMemoryMappedInfo(fixture(name));
    expect(info).toMatchObject({ format: 'npy', dtype, shape, length });
    const array = await loadMemoryMappedArray(fixture(name));
    expect([...array.windows()].length).toBe(length);
    expect(array.at(shape.map(() => 0))).toBe(name === 'scalar' ? 2.5 : undefined);
    array.close();
  });

  it.each([
    ['bad-big-endian', 'big-endian', "astype('<f8')"],
    ['bad-object', 'Python objects', 'never loaded'],
    ['bad-structured', 'structured', 'array[field]'],
    ['bad-utf8-structured', 'structured', 'array[field]'],
    ['bad-complex', "'<c16'", 'can be mapped'],
    ['bad-text', "'<U3'", 'can be mapped'],
    ['bad-half', "'<f2'", 'can be mapped'],
    ['bad-bool', "'|b1'", 'can be mapped'],
  ])('%s is UNSUPPORTED, with what to do about it', async (name, what, advice) => {
    const refused = loadMemoryMappedArray(fixture(name));
    await expect(refused).rejects.toMatchObject({ code: 'UNSUPPORTED', path: fixture(name) });
    await expect(refused).rejects.toThrow(what);
    await expect(refused).rejects.toThrow(advice);
    await expect(getMemoryMappedInfo(fixture(name))).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  });
});

describe('damaged .npy files', () => {
  const whole = readFileSync(fixture('f8'));

  it('cut at every length: CORRUPT with the path, or raw without dtype when not even the magic is left', async () => {
    for (let length = 0; length < whole.byteLength; length++) {
      const cut = workspace.file('cut.npy', whole.subarray(0, length));
      await expect(loadMemoryMappedArray(cut)).rejects.toMatchObject({ code: length < 6 ? 'ARGUMENT' : 'CORRUPT' });
      await expect(loadMemoryMappedArray(cut, { format: 'npy' })).rejects.toMatchObject({ code: 'CORRUPT', path: cut });
    }
  });

  it.each([
    ['not a dict', '(1, 2)', 'dict'],
    ['missing key', "{'descr': '<f8', 'shape': (1,), }", 'exactly'],
    ['extra key', "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'x': 1, }", 'exactly'],
    ['twice', "{'descr': '<f8', 'descr': '<f8', 'fortran_order': False, 'shape': (1,), }", 'twice'],
    ['negative', "{'descr': '<f8', 'fortran_order': False, 'shape': (-1,), }", 'shape'],
    ['too large', "{'descr': '<f8', 'fortran_order': False, 'shape': (4503599627370496, 4096), }", 'shape'],
    ['beyond numbers', "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,), }", 'too large'],
    ['no tuple', "{'descr': '<f8', 'fortran_order': False, 'shape': 3, }", 'shape'],
    ['order', "{'descr': '<f8', 'fortran_order': 0, 'shape': (1,), }", 'fortran_order'],
    ['code', "__import__('os').system('x')", 'unexpected'],
    ['call', "{'descr': '<f8', 'fortran_order': False, 'shape': range(3), }", 'unexpected'],
    ['deep', '['.repeat(1000), 'deeply'],
    ['open', "{'descr': '<f8'", 'expected'],
    ['quote', "{'descr: 1}", 'unexpected'],
    ['rest', "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), } 1", 'unexpected'],
    ['escape', "{'\\x41': 1}", 'escape'],
  ])('header %s is CORRUPT', (_, text, words) => {
    const header = new Uint8Array(10 + text.length);
    header.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, text.length & 255, text.length >> 8]);
    header.set(new TextEncoder().encode(text), 10);
    const error = thrownBy(() => decodeNpyHeader(header, 'name.npy'));
    expect(error).toMatchObject({ code: 'CORRUPT', path: 'name.npy' });
    expect(error.message).toContain(words);
  });

  it('an unknown version is FORMAT_VERSION, an absurd header length CORRUPT', () => {
    const version = Uint8Array.from(whole);
    version[6] = 4;
    expect(thrownBy(() => decodeNpyHeader(version, 'x'))).toMatchObject({ code: 'FORMAT_VERSION', offset: 6 });
    const long = Uint8Array.from(readFileSync(fixture('version-2')));
    long.set([255, 255, 255, 255], 8);
    expect(thrownBy(() => decodeNpyHeader(long, 'x'))).toMatchObject({ code: 'CORRUPT', offset: 8 });
  });

  it('one changed byte in the header is an error or a header that fits the file, never a crash', async () => {
    for (let at = 0; at < 128; at++) {
      for (const flip of [1, 4, 32]) {
        const changed = Buffer.from(whole);
        changed[at] ^= flip;
        const target = workspace.file('flip.npy', changed);
        try {
          const array = await loadMemoryMappedArray(target, { format: 'npy' });
          expect(array.slice().length).toBe(array.length);
          array.close();
        } catch (error) {
          expect(['CORRUPT', 'UNSUPPORTED', 'FORMAT_VERSION']).toContain((error as { code: string }).code);
        }
      }
    }
  });
});

describe('parseLiteral', () => {
  it('reads what Python writes, of both major versions', () => {
    expect(parseLiteral(`{'a': (3L,), "b": [u'x', b"y", None, True, -5], 'c': (), 'd': (7), }\n  `)).toEqual(
      new Map<string, unknown>([
        ['a', [3]],
        ['b', ['x', 'y', null, true, -5]],
        ['c', []],
        ['d', 7],
      ]),
    );
  });
});

describe('encodeNpyHeader', () => {
  it('aligns the elements to 64 bytes, at the same offset for every length', () => {
    const lengths = [0, 1, 99, 12345, 2 ** 40].map((n) => encodeNpyHeader({ dtype: 'int8', shape: [n, 3] }));
    expect(new Set(lengths.map((bytes) => bytes.byteLength))).toEqual(new Set([128]));
    for (const order of ['C', 'F'] as const) {
      const bytes = encodeNpyHeader({ dtype: 'uint16', shape: [2, 3, 4], order });
      expect(decodeNpyHeader(bytes, 'x')).toEqual({
        version: 1,
        dtype: 'uint16',
        shape: [2, 3, 4],
        order,
        dataOffset: bytes.byteLength,
      });
    }
  });

  it('64 axes still fit version 1', () => {
    const shape = Array.from({ length: 64 }, () => 1);
    expect(decodeNpyHeader(encodeNpyHeader({ dtype: 'float64', shape }), 'x').shape).toEqual(shape);
  });
});
