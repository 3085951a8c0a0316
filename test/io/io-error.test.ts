import path from 'node:path';
import { ioError } from '../../src/io/io-error.js';
import { readTextFile } from '../../src/io/path-kind.js';
import { useWorkspace } from './workspace.js';

const workspace = useWorkspace();

test('a name that is too long is IO with its path, the limit and what to do', () => {
  const file = path.join(workspace.directory, 'x'.repeat(300));
  let caught: unknown;
  try {
    readTextFile(file);
  } catch (error) {
    caught = error;
  }
  expect(caught).toMatchObject({ code: 'IO', path: file });
  expect((caught as Error).message).toMatch(/x{300}: .*255 bytes.* choose a shorter one \(ENAMETOOLONG\)$/);
});

test('an error of the package passes unchanged', () => {
  const error = ioError(Object.assign(new Error('x'), { code: 'EIO' }), 'read', '/a');
  expect(ioError(error, 'open', '/b')).toBe(error);
});
