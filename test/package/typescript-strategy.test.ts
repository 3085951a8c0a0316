/**
 * A strategy in TypeScript, run by jiti as on Node 20, in worker threads of the built package: no compiler, no flags.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
let folder = '';
beforeAll(() => {
  mkdirSync(path.join(root, '.cache'), { recursive: true });
  folder = mkdtempSync(path.join(root, '.cache/strategy-'));
  mkdirSync(path.join(folder, 'node_modules'));
  symlinkSync(root, path.join(folder, 'node_modules/atc-memory'), 'dir');
  writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
  // An enum and an import without an ending: what Node's own stripping of types refuses.
  writeFileSync(path.join(folder, 'side.ts'), 'export enum Side { Long = 1, Flat = 0 }\n');
  writeFileSync(
    path.join(folder, 'above.ts'),
    `import type { Strategy, TableBlock } from 'atc-memory';
import { Side } from './side';
export function above(level: number, isBroken = false): Strategy<{ last: number }> {
  return {
    name: 'above', columns: ['close'], minimumRows: 1,
    reference: { module: isBroken ? import.meta.url.replace('above.ts', 'broken.ts') : import.meta.url,
      factory: 'above', parameters: [level] },
    start() {
      let last = Side.Flat;
      return {
        push({ columns }: TableBlock) {
          const signal = Float64Array.from(columns.close as Float64Array, (close) =>
            (close > level ? Side.Long : Side.Flat));
          last = signal[signal.length - 1];
          return { signal };
        },
        finish: () => ({ last }),
      };
    },
  };
}
`,
  );
  writeFileSync(path.join(folder, 'broken.ts'), 'export const above = (: number) => 1;\n');
  writeFileSync(
    path.join(folder, 'run.ts'),
    `import { runBacktest, writeDataset } from 'atc-memory';
import { above } from './above';
const columns = (k: number) => ({
  timestamp: Float64Array.from({ length: 300 }, (_, i) => i),
  close: Float64Array.from({ length: 300 }, (_, i) => 9 + i % 7 + k),
});
const source = ['A', 'B', 'C'].map((symbol, k) => ({ symbol, columns: columns(k) }));
const dataset = await writeDataset('set', source, { layout: 'packed' });
const run = (workers: number, isBroken = false) =>
  runBacktest(dataset, above(12, isBroken), { workers }).then(
    (r) => JSON.stringify(r),
    (e) => e.code + ' ' + e.message,
  );
console.log(JSON.stringify([await run(1), await run(2), await run(2, true)]));
dataset.close();
`,
  );
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('runs in threads with the result of one thread; one that cannot be loaded is WORKER with what to do', () => {
  const jiti = path.join(root, 'node_modules/jiti/lib/jiti-cli.mjs');
  const out = execFileSync(process.execPath, [jiti, 'run.ts'], { cwd: folder, encoding: 'utf8' });
  const [one, two, broken] = JSON.parse(out.trim().split('\n').at(-1) as string);
  expect(JSON.parse(one).symbols).toHaveLength(3);
  expect(two).toBe(one);
  expect(broken).toMatch(
    /^WORKER .*broken\.ts cannot be loaded in a worker thread: .*; compile it to JavaScript, or run with workers: 1/s,
  );
});
