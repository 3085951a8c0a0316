import { readdirSync, readFileSync } from 'node:fs';
import { createMemoryMappedArray } from '../../src/array/create.js';
import { getMemoryMappedInfo, loadMemoryMappedArray } from '../../src/array/load.js';
import { bytesOf } from '../../src/dtype.js';
import { fresh, ramp, workspace } from './array-fixture.js';

describe('createMemoryMappedArray', () => {
  const collect = async (values: Parameters<typeof createMemoryMappedArray>[0], options = {}) => {
    const array = await createMemoryMappedArray(values, fresh(), options);
    const all = [...array.slice()];
    array.close();
    return all;
  };

  it('takes arrays, iterables and async iterables of numbers and of chunks', async () => {
    const expected = [1, 2, 3, 4, 5, 6];
    const chunks = [[1, 2], Float64Array.of(3), [], Int16Array.of(4, 5), [6]];
    expect(await collect(expected)).toEqual(expected);
    expect(await collect(Int32Array.from(expected))).toEqual(expected);
    expect(await collect({ length: 2, 0: 1, 1: 2 })).toEqual([1, 2]);
    expect(await collect(new Set(expected))).toEqual(expected);
    expect(await collect(chunks)).toEqual(expected);
    expect(
      await collect(
        (async function* () {
          yield 1;
          yield* chunks.slice(1);
        })(),
      ),
    ).toEqual([1, 3, 4, 5, 6]);
    const source = await createMemoryMappedArray(ramp(5000), fresh());
    expect(await collect(source.windows(100))).toEqual([...ramp(5000)]);
  });

  it('never holds more than a chunk: a reused chunk is written before the next is asked for', async () => {
    const reused = new Float64Array(1000);
    const written = await createMemoryMappedArray(
      (function* () {
        for (let i = 0; i < 50; i++) yield reused.fill(i);
      })(),
      fresh(),
    );
    expect(written.length).toBe(50_000);
    for (let i = 0; i < 50; i++) expect(written.at(i * 1000 + 999)).toBe(i);
  });

  it('no values: zeros of the shape', async () => {
    const array = await createMemoryMappedArray(undefined, fresh(), { shape: [300, 1000], dtype: 'int16' });
    expect([array.length, Math.max(...array.slice(-1000)), array.at(0)]).toEqual([300_000, 0, 0]);
    await expect(createMemoryMappedArray(undefined, fresh())).rejects.toMatchObject({ code: 'ARGUMENT' });
  });

  it('is complete or absent: any failure leaves nothing, and an old file as it was', async () => {
    const path = fresh();
    const before = await createMemoryMappedArray([1, 2, 3], path);
    const content = readFileSync(path);
    const names = readdirSync(workspace.directory);
    const controller = new AbortController();
    const failing: [Parameters<typeof createMemoryMappedArray>[0], object, unknown][] = [
      [[1, 'x' as unknown as number], {}, { code: 'ARGUMENT' }],
      [[1, undefined as unknown as number], {}, { code: 'ARGUMENT' }],
      [[1, 2, 3], { shape: [2, 2] }, { code: 'ARGUMENT' }],
      [[300], { dtype: 'uint8' }, { code: 'ARGUMENT' }],
      [[0.5], { dtype: 'int32' }, { code: 'ARGUMENT' }],
      [[2n ** 63n], { dtype: 'int64' }, { code: 'ARGUMENT' }],
      [[1n], {}, { code: 'ARGUMENT' }],
      [[2 ** 53], { dtype: 'int64' }, { code: 'ARGUMENT' }],
      [42 as unknown as number[], {}, { code: 'ARGUMENT' }],
      [[1], { dtype: 'float16' }, { code: 'ARGUMENT' }],
      [[1], { mode: 'r' }, { code: 'ARGUMENT' }],
      [[1], { shape: [-1] }, { code: 'ARGUMENT' }],
      [[1], { format: 'hdf5' }, { code: 'ARGUMENT' }],
      [
        (function* () {
          yield ramp(100_000);
          throw new Error('source failed');
        })(),
        {},
        { message: 'source failed' },
      ],
      [
        (async function* () {
          yield ramp(10);
          controller.abort(new Error('stopped'));
          yield ramp(10);
        })(),
        { signal: controller.signal },
        { message: 'stopped' },
      ],
    ];
    for (const [values, options, error] of failing) {
      await expect(createMemoryMappedArray(values, path, options)).rejects.toMatchObject(error as object);
    }
    expect(readdirSync(workspace.directory)).toEqual(names);
    expect(readFileSync(path).equals(content)).toBe(true);
    expect([...before.slice()]).toEqual([1, 2, 3]);
  });

  it('a reader of a replaced file still reads the old one', async () => {
    const path = fresh();
    const old = await createMemoryMappedArray(ramp(1000), path);
    const view = old.view();
    const next = await createMemoryMappedArray([7], path);
    expect([...old.slice()]).toEqual([...ramp(1000)]);
    expect([...view]).toEqual([...ramp(1000)]);
    expect([...next.slice()]).toEqual([7]);
  });

  it('64-bit integers are bigints, and whole numbers are taken for them', async () => {
    const array = await createMemoryMappedArray([-(2n ** 63n), 2n ** 63n - 1n, 5], fresh(), { dtype: 'int64' });
    expect([...array.slice()]).toEqual([-(2n ** 63n), 2n ** 63n - 1n, 5n]);
    array.set(0, 2n ** 53n + 1n);
    expect(array.at(0)).toBe(2n ** 53n + 1n);
  });

  it('raw: elements only', async () => {
    const path = fresh('bin');
    const array = await createMemoryMappedArray([1, 2, 3], path, { format: 'raw', dtype: 'float32' });
    await array.append([4]);
    array.close();
    expect(readFileSync(path).equals(bytesOf(Float32Array.of(1, 2, 3, 4)))).toBe(true);
    const again = await loadMemoryMappedArray(path, { dtype: 'float32' });
    expect([...again.slice()]).toEqual([1, 2, 3, 4]);
    await expect(loadMemoryMappedArray(path)).rejects.toMatchObject({ code: 'ARGUMENT' });
    await expect(loadMemoryMappedArray(path, { dtype: 'float64', offset: 4 })).rejects.toMatchObject({
      code: 'CORRUPT',
      path,
    });
    await expect(loadMemoryMappedArray(path, { dtype: 'float64', shape: 3 })).rejects.toMatchObject({
      code: 'CORRUPT',
      path,
    });
    await expect(loadMemoryMappedArray(path, { dtype: 'int8', offset: 17 })).rejects.toMatchObject({
      code: 'ARGUMENT',
    });
    expect(await getMemoryMappedInfo(path, { dtype: 'int16' })).toMatchObject({
      format: 'raw',
      shape: [8],
      fileBytes: 16,
    });
  });
});
