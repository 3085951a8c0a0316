/**
 * Market history and golden vectors in `../shared`, beside the repository on the machines that have them. `.ci/run`
 * runs the tests twice: all of them in a clone with nothing beside it, and those that import this file, directly,
 * once more with `../shared` there.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Columns } from '../src/dtype.js';

const SHARED = path.resolve(import.meta.dirname, '../../shared');

/**
 * Paths of the files of a folder of `../shared` whose names end in `suffix`, sorted; none, and a notice, where it is
 * absent.
 */
export function sharedFiles(folder: string, suffix: string): string[] {
  const directory = path.join(SHARED, folder);
  try {
    const names = readdirSync(directory).filter((name) => name.endsWith(suffix));
    return names.sort().map((name) => path.join(directory, name));
  } catch {
    console.warn(`../shared/${folder} is absent: tests of its files are left out`);
    return [];
  }
}

/** One test per file; without files one that is skipped, which is counted and named in the last lines of `.ci/run`. */
export function testEachShared(
  files: readonly string[],
  title: string,
  run: (file: string) => void | Promise<void>,
  timeoutMs?: number,
): void {
  noteAbsence(files);
  for (const file of files) test(`${path.basename(file)}: ${title}`, async () => run(file), timeoutMs);
}

/** Registers a skipped test when there are no files. */
export function noteAbsence(files: readonly string[]): void {
  if (files.length === 0) test.skip('left out: ../shared is absent', () => undefined);
}

/** Gzipped CSV files of numbers under a line of names. */
export const marketFiles = (): string[] => sharedFiles('data', '.csv.gz');

/** Columns of a market file, parsed without this package. */
export function readMarketFile(file: string): Columns {
  const [head, ...lines] = gunzipSync(readFileSync(file)).toString().trimEnd().split('\n');
  const names = head.split(',');
  const columns = names.map(() => new Float64Array(lines.length));
  for (const [row, line] of lines.entries()) {
    line.split(',').forEach((field, i) => {
      columns[i][row] = Number(field);
    });
  }
  return Object.fromEntries(names.map((column, i) => [column, columns[i]]));
}
