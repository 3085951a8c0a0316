/** `npm run example:migration`, as a reader of the example runs it, over the built package. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { STEPS } from '../../examples/existing-app/steps.js';

const isBuilt = existsSync(path.resolve('dist/esm/index.js'));
if (!isBuilt) console.warn('dist is missing: the migration example is left out; run npm run build');
const onlyBuilt = isBuilt ? test : test.skip;

let work: string;
beforeAll(() => {
  work = mkdtempSync(path.join(tmpdir(), 'atc-migration-'));
});
afterAll(() => rmSync(work, { recursive: true, force: true }));

onlyBuilt(
  'untouched, off, verify, on for one, on for all, read, off: the same answer, and the files one would expect',
  () => {
    const jiti = path.join(
      path.dirname(createRequire(import.meta.url).resolve('jiti/package.json')),
      'lib/jiti-cli.mjs',
    );
    const args = [jiti, path.resolve('examples/existing-app/migration.ts'), work];
    const printed = execFileSync(process.execPath, args, { encoding: 'utf8' });
    console.info(printed);
    const rows = printed.split('\n').filter((line) => STEPS.some(({ name }) => line.startsWith(`${name} `)));
    const steps = rows.map((line) => {
      const match = /^(.{11}) +(\d+) +(\d+) +(\d+) +(\d+) +(yes|NO) *(.*)$/.exec(line);
      if (match === null) throw new Error(line);
      const [cache, history, csv, peak] = match.slice(2, 6).map(Number);
      return { name: match[1].trim(), cache, history, csv, peak, same: match[6], events: match[7] };
    });
    expect(steps.map(({ name }) => name)).toEqual(STEPS.map(({ name }) => name));
    expect(steps.map(({ same }) => same)).toEqual(STEPS.map(() => 'yes'));
    const [untouched, off, verify, one, all, read, back] = steps;
    // Off makes nothing; verify and read leave the application's own files, byte for byte as large as before.
    expect([off.history, off.events, untouched.events, back.events]).toEqual([0, '', '', '']);
    expect([off.cache, verify.cache, read.cache, back.cache]).toEqual(Array(4).fill(untouched.cache));
    expect(verify.events).toMatch(/verified \d/);
    expect([one.cache < untouched.cache / 4, all.cache < untouched.cache / 4]).toEqual([true, true]);
    expect(one.events).toMatch(/legacy 2.*write 2/);
    expect([one.csv > 0, all.csv, read.csv, back.csv > 0]).toEqual([true, 0, 0, true]);
    for (const { events } of steps) expect(events).not.toMatch(/difference|corrupt|fallback/);
    expect(steps.every(({ peak }) => peak > 0)).toBe(true);
    const left = readdirSync(path.join(work, 'cache'));
    expect(left).toHaveLength(2);
    for (const name of left)
      expect(JSON.parse(readFileSync(path.join(work, 'cache', name), 'utf8')).value).toBeDefined();
  },
);
