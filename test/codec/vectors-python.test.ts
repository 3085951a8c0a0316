/**
 * The second reader, examples/decode_frame.py, reads every frame of vectors to the same bits and refuses what has to be
 * refused.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const python = ['/usr/bin/python3', 'python3'].find((it) => spawnSync(it, ['-c', 'import numpy']).status === 0);
if (python === undefined) console.warn('skipped: no python3 with numpy (Debian: python3-numpy)');

(python === undefined ? test.skip : test)('the reader in Python agrees with every vector', () => {
  const { status, stdout, stderr } = spawnSync(python!, [path.join(root, 'examples/check_vectors.py')], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  const vectors = readdirSync(path.join(root, 'vectors')).filter((name) => name.endsWith('.atc'));
  const refused = vectors.filter((name) => name.startsWith('refused-')).length;
  expect(stdout).toBe(`${vectors.length - refused} vectors read, ${refused} refused\n`);
});
