/** The .npy files that we write, read by numpy where it is installed. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createMemoryMappedArray } from '../../src/array/create.js';
import { writeDataset } from '../../src/dataset/dataset.js';
import { bytesOf, createArray, DTYPES, itemSize } from '../../src/dtype.js';
import { workspace } from './npy-fixture.js';

describe('numpy opens what we write', () => {
  const script = `
import sys, json, hashlib, numpy as np
out = []
for path in json.load(sys.stdin):
    a = np.load(path, mmap_mode='r')
    out.append([a.dtype.name, list(a.shape), hashlib.sha256(a.tobytes()).hexdigest(), a.offset % 64])
print(json.dumps(out))`;

  it('dtype, shape and bits are equal, after append too', async () => {
    const files: string[] = [];
    const expected: unknown[] = [];
    for (const dtype of DTYPES) {
      const bytes = Uint8Array.from({ length: 240 }, (_, i) => (i * 89 + 7) & 0xff);
      for (const shape of [[240 / itemSize(dtype)], [3, 80 / itemSize(dtype)]]) {
        const target = workspace.at(`${dtype}-${shape.length}.npy`);
        const values = createArray(dtype, 240 / itemSize(dtype));
        bytesOf(values).set(bytes);
        const array = await createMemoryMappedArray(values, target, { dtype, shape });
        await array.append(values.subarray(0, values.length / 3) as ArrayLike<number>);
        array.close();
        files.push(target);
        const whole = Buffer.concat([bytes, bytes.subarray(0, 80)]);
        const grown = [(shape[0] * 4) / 3, ...shape.slice(1)];
        expected.push([dtype, grown, createHash('sha256').update(whole).digest('hex'), 0]);
      }
    }
    for (const [name, values] of [
      ['none', []],
      ['one', [1.5]],
    ] as const) {
      files.push(workspace.at(`${name}.npy`));
      (await createMemoryMappedArray(values, workspace.at(`${name}.npy`))).close();
      expected.push([
        'float64',
        [values.length],
        createHash('sha256')
          .update(bytesOf(Float64Array.from(values)))
          .digest('hex'),
        0,
      ]);
    }
    // Columns of a dataset: their headers are written again when the number of rows is known.
    const close = Float64Array.from({ length: 300 }, (_, k) => k / 7);
    const columns = { timestamp: close.map((_, k) => k), close };
    const sixteenRows = 4096 + 16 * 8;
    const dataset = await writeDataset(
      workspace.at('set'),
      { symbol: 'A', columns },
      { layout: 'mapped', maxSegmentBytes: 10 * sixteenRows },
    );
    let row = 0;
    for (const { path: segment, rows } of dataset.catalogue.symbols[0].segments) {
      files.push(workspace.at('set', segment, 'close.npy'));
      const part = bytesOf(close.subarray(row, (row += rows)));
      expected.push(['float64', [rows], createHash('sha256').update(part).digest('hex'), 0]);
    }
    dataset.close();
    const python = spawnSync('python3', ['-c', script], { input: JSON.stringify(files), encoding: 'utf8' });
    if (python.error || /No module named .?numpy/.test(python.stderr)) {
      return console.warn('python3 with numpy is missing here: numpy reading our files is not tested');
    }
    expect(python.stderr).toBe('');
    return expect(JSON.parse(python.stdout)).toEqual(expected);
  });
});
