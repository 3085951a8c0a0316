/** MemoryMappedArray over every backend that loads here. */
import { readFileSync, renameSync, truncateSync, writeFileSync } from 'node:fs';
import { createMemoryMappedArray } from '../../src/array/create.js';
import { getMemoryMappedInfo, loadMemoryMappedArray } from '../../src/array/load.js';
import { bytesOf } from '../../src/dtype.js';
import { listBackends } from '../../src/io/select-backend.js';
import { thrownBy } from '../io/workspace.js';
import { fresh, HOSTILE, ramp } from './array-fixture.js';

for (const { name, available, reason } of listBackends()) {
  if (!available) console.warn(`arrays over backend ${name} are not tested here: ${reason}`);
  (available ? describe : describe.skip)(`arrays over ${name}`, () => {
    const create = (values: Parameters<typeof createMemoryMappedArray>[0], path = fresh()) =>
      createMemoryMappedArray(values, path, { backend: name });

    it('every way of reading returns the elements that were written', async () => {
      const values = Float64Array.from([...HOSTILE, ...ramp(300_000)]);
      const array = await create(values);
      expect(array).toMatchObject({ backend: name, mode: 'w+', dtype: 'float64', length: values.length });
      const bits = Buffer.from(bytesOf(values));
      expect(bits.equals(bytesOf(array.slice()))).toBe(true);
      expect(Buffer.concat(Array.from(array.windows(777), (w) => Buffer.from(bytesOf(w.slice())))).equals(bits)).toBe(
        true,
      );
      expect(Buffer.concat(Array.from(array.windows(), (w) => Buffer.from(bytesOf(w.slice())))).equals(bits)).toBe(
        true,
      );
      array.close();
      const read = await loadMemoryMappedArray(array.path, { backend: name });
      expect(bits.equals(bytesOf(read.view()))).toBe(true);
      for (const i of [0, 1, 8, 9, 511, 512, 300_008, -1, -300_009]) {
        expect(Object.is(read.at(i), values.at(i))).toBe(true);
      }
      for (const i of [300_009, -300_010, Infinity]) expect(read.at(i)).toBeUndefined();
      read.close();
    });

    it('slice and view take indices as Array.prototype.slice does', async () => {
      const plain = [...ramp(50)];
      const array = await loadMemoryMappedArray((await create(plain)).path, { backend: name });
      const bounds = [undefined, 0, 1, 49, 50, 51, -1, -50, -51, Infinity, -Infinity, Number.NaN, 2.7, -2.7];
      for (const from of bounds) {
        for (const to of bounds) {
          expect([...array.slice(from, to)]).toEqual(plain.slice(from, to));
          expect([...array.view(from, to)]).toEqual(plain.slice(from, to));
        }
      }
      array.close();
    });

    it('r+: set reaches the file, r refuses it, c changes private memory only', async () => {
      const path = (await create(ramp(2000))).path;
      const before = readFileSync(path);
      const reader = await loadMemoryMappedArray(path, { backend: name });
      expect(thrownBy(() => reader.set(0, 1))).toMatchObject({ code: 'READ_ONLY', path });
      const copy = await loadMemoryMappedArray(path, { backend: name, mode: 'c' });
      copy.set(5, 42);
      expect([copy.at(5), copy.slice(5, 6)[0], copy.view(5, 6)[0], [...copy.windows(1)][0].length]).toEqual([
        42, 42, 42, 1,
      ]);
      expect(readFileSync(path).equals(before)).toBe(true);
      const writer = await loadMemoryMappedArray(path, { backend: name, mode: 'r+' });
      expect(writer.at(1999)).toBe(ramp(2000)[1999]);
      writer.set(-1, 43);
      writer.set(0, -0);
      expect([writer.at(1999), writer.slice(-1)[0]]).toEqual([43, 43]);
      expect(Object.is(writer.at(0), -0)).toBe(true);
      writer.flush();
      for (const array of [writer, copy]) array.close();
      const again = await loadMemoryMappedArray(path, { backend: name });
      expect([again.at(-1), again.at(5)]).toEqual([43, ramp(2000)[5]]);
      reader.close();
      again.close();
    });

    it('set outside, and of what the dtype cannot hold, is ARGUMENT', async () => {
      const array = await createMemoryMappedArray([1, 2, 3], fresh(), { dtype: 'uint8', backend: name });
      for (const index of [3, -4, Number.MAX_SAFE_INTEGER]) {
        expect(thrownBy(() => array.set(index, 1)).code).toBe('ARGUMENT');
      }
      for (const value of [256, -1, 1.5, Number.NaN, 1n, '1', undefined]) {
        expect(thrownBy(() => array.set(0, value as number)).code).toBe('ARGUMENT');
      }
      expect([...array.slice()]).toEqual([1, 2, 3]);
      array.close();
    });

    it('windows are one reused array: memory does not grow with the file', async () => {
      const array = await create(ramp(100_000));
      const buffers = new Set<ArrayBufferLike>();
      let sum = 0;
      for (const window of array.windows(1000)) {
        buffers.add(window.buffer);
        for (const value of window) sum += value;
      }
      expect(buffers.size).toBe(1);
      expect(sum).toBe(ramp(100_000).reduce((total, value) => total + value, 0));
      expect(thrownBy(() => [...array.windows(0)]).code).toBe('ARGUMENT');
      array.close();
      expect(thrownBy(() => [...array.windows()]).code).toBe('CLOSED');
    });

    it('append adds rows, reopens, and leaves older views as they were', async () => {
      const array = await createMemoryMappedArray([1, 2, 3, 4], fresh(), { shape: [2, 2], backend: name });
      const reader = await loadMemoryMappedArray(array.path, { backend: name });
      const old = reader.view();
      await array.append([5, 6]);
      await array.append(
        (async function* () {
          yield Float64Array.of(7, 8);
          yield [9, 10];
        })(),
      );
      expect(array.shape).toEqual([5, 2]);
      expect([...array.slice()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(array.at([4, 1])).toBe(10);
      expect([...old]).toEqual([1, 2, 3, 4]);
      await expect(array.append([1])).rejects.toMatchObject({ code: 'ARGUMENT' });
      expect(array.shape).toEqual([5, 2]);
      await array.append([11, 12]);
      expect((await getMemoryMappedInfo(array.path)).shape).toEqual([6, 2]);
      expect([...array.slice(-4)]).toEqual([9, 10, 11, 12]);
      await expect(reader.append([1, 2])).rejects.toMatchObject({ code: 'READ_ONLY' });
      array.close();
      await expect(array.append([1, 2])).rejects.toMatchObject({ code: 'CLOSED' });
      reader.close();
    });

    it('append refuses a file that was replaced meanwhile', async () => {
      const array = await create([1, 2, 3]);
      const other = await create([9, 9, 9, 9]);
      renameSync(other.path, array.path);
      await expect(array.append([4])).rejects.toMatchObject({ code: 'IO', path: array.path });
      expect([...array.slice()]).toEqual([1, 2, 3]);
      expect([...(await loadMemoryMappedArray(array.path)).slice()]).toEqual([9, 9, 9, 9]);
    });

    it('truncated in place: bulk reading is CORRUPT, never wrong numbers', async () => {
      const array = await create(ramp(10_000));
      truncateSync(array.path, 20_000);
      const corrupt = { code: 'CORRUPT', path: array.path };
      expect(thrownBy(() => array.slice())).toMatchObject(corrupt);
      expect(thrownBy(() => [...array.windows()])).toMatchObject(corrupt);
      expect(thrownBy(() => array.slice(9000))).toMatchObject(corrupt);
      expect([...array.slice(0, 100)]).toEqual([...ramp(100)]);
      array.close();
    });

    it('after close every use is CLOSED; Symbol.dispose closes', async () => {
      const array = await create([1, 2, 3]);
      expect(array.at(0)).toBe(1);
      array.close();
      array.close();
      const uses = [
        () => array.at(0),
        () => array.at(9),
        () => array.set(0, 1),
        () => array.slice(),
        () => array.slice(0, 0),
        () => array.view(),
        () => [...array.windows()],
        () => array.flush(),
      ];
      for (const use of uses) expect(thrownBy(use)).toMatchObject({ code: 'CLOSED', path: array.path });
      if (Symbol.dispose === undefined) return console.warn('Symbol.dispose is missing here');
      const other = await create([1]);
      other[Symbol.dispose]();
      return expect(thrownBy(() => other.at(0)).code).toBe('CLOSED');
    });

    it('raw files: with offset and shape, aligned or not', async () => {
      const values = ramp(24);
      for (const offset of [0, 8, 3]) {
        const path = fresh('bin');
        writeFileSync(path, Buffer.concat([Buffer.alloc(offset, 1), bytesOf(values), Buffer.alloc(5)]));
        const options = { dtype: 'float64', offset, shape: [4, 6] } as const;
        if (offset === 3 && name !== 'read') {
          await expect(loadMemoryMappedArray(path, { ...options, backend: name })).rejects.toMatchObject({
            code: 'UNSUPPORTED',
          });
          continue;
        }
        const array = await loadMemoryMappedArray(path, { ...options, backend: name });
        expect([...array.slice()]).toEqual([...values]);
        expect([...array.view(3, 5)]).toEqual([...values.subarray(3, 5)]);
        expect(array.at([3, 5])).toBe(values[23]);
        array.close();
      }
    });
  });
}
