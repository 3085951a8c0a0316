/** Every entry point of the manifest, required from a `.cjs` file and imported, by its name as a user writes it. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../..');
const isBuilt = existsSync(path.join(root, 'dist/.built'));
if (!isBuilt) console.warn('dist is missing: the entry points of the built package are left out; run npm run build');
const onlyBuilt = isBuilt ? test : test.skip;

const { exports } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
const ENTRIES = Object.keys(exports).map((name) => `atc-memory${name.slice(1)}`);
const MODULES = ENTRIES.filter((name) => !name.endsWith('.json'));

/** Prints what kind of value each name of each entry point is. */
const SHOW = `
const kinds = (module) => Object.fromEntries(Object.entries(module).map(([name, value]) => [name, typeof value]).sort());
const show = (modules) => console.log(JSON.stringify(modules.map(kinds)));
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-entries-'));
  mkdirSync(path.join(folder, 'node_modules'));
  symlinkSync(root, path.join(folder, 'node_modules/atc-memory'), 'dir');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function outputOf(file: string, code: string): string {
  writeFileSync(path.join(folder, file), code);
  return execFileSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' });
}

onlyBuilt('require from a .cjs file gives the names that import gives, of the same kinds', () => {
  const names = JSON.stringify(MODULES);
  const imported = JSON.parse(
    outputOf('entries.mjs', `${SHOW} show(await Promise.all(${names}.map((name) => import(name))));`),
  );
  const required = JSON.parse(outputOf('entries.cjs', `${SHOW} show(${names}.map((name) => require(name)));`));
  expect(MODULES.length).toBeGreaterThan(10);
  for (const [k, name] of MODULES.entries()) {
    expect({ name, kinds: required[k] }).toEqual({ name, kinds: imported[k] });
    expect({ name, isEmpty: Object.keys(imported[k]).length === 0 }).toEqual({ name, isEmpty: false });
  }
});

onlyBuilt('the manifest can be required, and what the package does not publish cannot', () => {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const code = `
    const codeOf = (name) => { try { require(name); } catch ({ code }) { return code; } };
    console.log(JSON.stringify([require('atc-memory/package.json').version, codeOf('atc-memory/dist/cjs/index.js')]));
  `;
  expect(JSON.parse(outputOf('manifest.cjs', code))).toEqual([version, 'ERR_PACKAGE_PATH_NOT_EXPORTED']);
});

onlyBuilt('the CommonJS history keeper fetches, stores and goes on', () => {
  const code = `
    const { keepHistory } = require('atc-memory/history');
    const minute = 60_000;
    const since = Date.UTC(2023, 0, 1);
    const truth = Array.from({ length: 250 }, (_, i) => [since + i * minute, 1, 3, 0.5, 2 + i / 8, i]);
    let asked = 0;
    const fetchPage = ({ since: from, limit }) => {
      asked += 1;
      return truth.filter(([ms]) => ms >= from).slice(0, limit);
    };
    const options = { directory: 'history', symbol: 'BTC/USDT', interval: '1m', pageSize: 100, since, fetchPage };
    (async () => {
      for (const count of [100, 250]) {
        const history = await keepHistory({ ...options, until: since + count * minute });
        const close = history.table().column('close');
        console.log(count, close.length, close.at(-1), asked);
        history.close();
      }
    })();
  `;
  expect(outputOf('history.cjs', code).trim().split('\n')).toEqual(['100 100 14.375 1', '250 250 33.125 3']);
});
