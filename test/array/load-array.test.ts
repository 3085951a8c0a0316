import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { createMemoryMappedArray } from '../../src/array/create.js';
import { loadMemoryMappedArray } from '../../src/array/load.js';
import { bytesOf } from '../../src/dtype.js';
import { listBackends } from '../../src/io/select-backend.js';
import { fresh, ramp } from './array-fixture.js';

describe('loadMemoryMappedArray', () => {
  it('checks dtype and shape that the caller passes against the header', async () => {
    const path = fresh();
    (await createMemoryMappedArray([1, 2, 3, 4], path, { shape: [2, 2] })).close();
    for (const wrong of [{ dtype: 'float32' }, { shape: [4] }, { offset: 3 }, { mode: 'w+' }, { backend: 'magic' }]) {
      await expect(loadMemoryMappedArray(path, wrong as object)).rejects.toMatchObject({ code: 'ARGUMENT' });
    }
    const array = await loadMemoryMappedArray(path, { dtype: 'float64', shape: [2, 2], offset: 128 });
    expect(array.at([1, 0])).toBe(3);
    const raw = await loadMemoryMappedArray(path, { format: 'raw', dtype: 'uint8', shape: [6] });
    expect(String.fromCharCode(...raw.slice(1))).toBe('NUMPY');
  });

  it('auto reads a file whose elements cannot be a typed array over the map', async () => {
    const path = fresh('bin');
    writeFileSync(path, Buffer.concat([Buffer.alloc(3), bytesOf(ramp(9))]));
    const array = await loadMemoryMappedArray(path, { dtype: 'float64', offset: 3 });
    expect([array.backend, array.length, array.at(8)]).toEqual(['read', 9, ramp(9)[8]]);
  });

  it('opens no descriptor that close does not close, on failure neither', async () => {
    if (!existsSync('/proc/self/fd')) return console.warn('no /proc here: open descriptors are not counted');
    const path = fresh();
    const open = () => readdirSync('/proc/self/fd').length;
    (await createMemoryMappedArray([1, 2, 3], path)).close();
    const before = open();
    for (const { name, available } of listBackends()) {
      if (!available) continue;
      (await loadMemoryMappedArray(path, { backend: name })).close();
      await expect(loadMemoryMappedArray(path, { backend: name, dtype: 'int8' })).rejects.toMatchObject({
        code: 'ARGUMENT',
      });
      const array = await createMemoryMappedArray([1], fresh(), { backend: name });
      await array.append([2]);
      array.close();
    }
    return expect(open()).toBe(before);
  });
});

test('float32 rounds, but a number that overflows it is refused', async () => {
  const path = fresh();
  await expect(createMemoryMappedArray([1, 1e300], path, { dtype: 'float32' })).rejects.toMatchObject({
    code: 'ARGUMENT',
    message: expect.stringMatching(/^value 1 is 1e\+300; float32/),
  });
  const values = [0.1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 3.4028234663852886e38, -1e-300];
  const array = await createMemoryMappedArray(values, fresh(), { dtype: 'float32' });
  expect([...array.slice()]).toEqual(values.map(Math.fround));
  expect(() => array.set(0, -3.5e38)).toThrow(/value 0 is -3\.5e\+38; float32 takes a number within its range/);
  array.close();
});
