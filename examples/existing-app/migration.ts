/**
 * `npm run example:migration`: the application on its way in and out again, each start in a process of its own over
 * the files that the one before left. Fails when an answer changes.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { STEPS } from './steps.js';

interface Start {
  readonly output: string;
  readonly filesRead: number;
  readonly events: Readonly<Record<string, number>>;
  readonly peakBytes: number;
}

const here = path.dirname(fileURLToPath(import.meta.url));
const jiti = path.join(path.dirname(createRequire(import.meta.url).resolve('jiti/package.json')), 'lib/jiti-cli.mjs');
const work = path.resolve(process.argv[2] ?? '.cache/existing-app-migration');
const folders = {
  prices: path.join(here, '../data'),
  cache: path.join(work, 'cache'),
  history: path.join(work, 'atc'),
};

function start(step: number): Start {
  const args = [jiti, path.join(here, 'one-start.ts'), String(step), folders.prices, folders.cache, folders.history];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

function bytesIn(folder: string): number {
  let bytes = 0;
  for (const name of readdirSync(folder, { recursive: true }).map(String)) {
    const stat = statSync(path.join(folder, name));
    if (stat.isFile()) bytes += stat.size;
  }
  return bytes;
}

function kilobytes(bytes: number): string {
  return (bytes / 1000).toFixed(0).padStart(5);
}

rmSync(work, { recursive: true, force: true });
for (const folder of [folders.cache, folders.history]) mkdirSync(folder, { recursive: true });

console.log('step        cache kB  history kB  CSVs read  peak MB  same answer  events');
let expected: string | undefined;
for (const [index, { name }] of STEPS.entries()) {
  // First over what the step before has left; then, as if it had expired, from nothing.
  const over = start(index);
  rmSync(folders.cache, { recursive: true });
  mkdirSync(folders.cache);
  const fresh = start(index);
  expected ??= over.output;
  const isSame = over.output === expected && fresh.output === expected;
  if (!isSame) process.exitCode = 1;
  const events = new Map<string, number>();
  for (const [event, count] of [over, fresh].flatMap((one) => Object.entries(one.events))) {
    events.set(event, (events.get(event) ?? 0) + count);
  }
  const columns = [
    name.padEnd(11),
    kilobytes(bytesIn(folders.cache)).padStart(8),
    kilobytes(bytesIn(folders.history)).padStart(11),
    String(over.filesRead + fresh.filesRead).padStart(10),
    (Math.max(over.peakBytes, fresh.peakBytes) / 1e6).toFixed(0).padStart(8),
    (isSame ? 'yes' : 'NO').padEnd(11).padStart(13),
    [...events].map(([event, count]) => `${event} ${count}`).join(', '),
  ];
  console.log(columns.join(' ').trimEnd());
}
console.log(expected);
