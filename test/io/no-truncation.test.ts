/**
 * A file that is mapped somewhere must never get shorter in place: a process that touches the map then dies of SIGBUS.
 * So nothing of ours can.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const sources = ['src', 'plugins'].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => path.join(folder, name)),
);

/** Calls that cut a file, and open flags that do. `wx` creates and never cuts. */
const CUTTING =
  /\bf?truncate(Sync)?\(|O_TRUNC|\bcopyFile|\bcreateWriteStream|\bwriteFileSync\(|open(Sync)?\([^;:]*?,\s*'w\+?'/;

it('no source cuts an existing file', () => {
  expect(sources.length).toBeGreaterThan(50);
  expect(sources.filter((name) => CUTTING.test(readFileSync(name, 'utf8')))).toEqual([]);
});

it('the rule would notice', () => {
  for (const code of [
    "openSync(path, 'w')",
    "open(a, 'w+')",
    'ftruncateSync(fd, 0)',
    'fs.truncate(x)',
    'writeFileSync(a, b)',
  ]) {
    expect(CUTTING.test(code)).toBe(true);
  }
  for (const code of ["openSync(temporary, 'wx')", "openSync(path, 'r+')", 'truncated(offset)'])
    expect(CUTTING.test(code)).toBe(false);
});
