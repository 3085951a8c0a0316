/**
 * README and docs say what is true: their code runs, their figures come from bench/results, every error code is
 * explained.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SECTION_NAMES } from '../../src/cli/bench/section-names.js';

const PAGES = ['README.md', ...readdirSync('docs').flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : []))];
const textOf = (page: string) => readFileSync(page, 'utf8');
const countOf = (pattern: RegExp, pages: readonly string[]) =>
  pages.reduce((count, page) => count + (textOf(page).match(pattern)?.length ?? 0), 0);
const run = (...args: string[]) => spawnSync(process.execPath, args, { encoding: 'utf8' });

test('every block of TypeScript fits the types of the build', () => {
  const { status, stderr, stdout } = run('scripts/doc-types.js', ...PAGES);
  expect(stderr).toBe('');
  expect(Number(/(\d+) blocks/.exec(stdout)?.[1])).toBe(countOf(/^```ts(?! runner)/gm, PAGES));
  expect(status).toBe(0);
});

test.each(PAGES)('%s: every block of code is run', (page) => {
  const { status, stderr, stdout } = run('scripts/doc-blocks.js', page);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const [left] = stdout.match(/^.*not run.*$/m) ?? [];
  if (left !== undefined) console.warn(left);
  else expect(stdout).toBe(`${page}: ${countOf(/^```/gm, [page]) / 2} blocks\n`);
});

test('a block that is wrong is reported with its page and line', () => {
  const page = path.join(mkdtempSync(path.join(tmpdir(), 'atc-page-')), 'page.md');
  const block = (language: string, code: string) =>
    writeFileSync(page, `# Page\n\n\`\`\`${language}\n${code}\n\`\`\`\n`);
  block('ts', "import { compressPrices } from 'atc-memory';\ncompressPrices('1');");
  expect(run('scripts/doc-types.js', page).stderr).toContain(
    `${page}:3: compressPrices('1');: Argument of type 'string'`,
  );
  expect(run('scripts/doc-blocks.js', page).stderr).toContain(`${page}:3: a block of ts failed`);
  block('sh', 'atc clean --no-such-flag');
  expect(run('scripts/doc-blocks.js', page).stderr).toContain('--no-such-flag');
  block('json', '{ "useCompresion": true }');
  expect(run('scripts/doc-blocks.js', page).stderr).toContain('useCompression');
  block('sh ci', 'npm run nothing');
  expect(run('scripts/doc-blocks.js', page).stderr).toContain('.ci/run does not run npm run nothing');
  block('ruby', 'puts 1');
  expect(run('scripts/doc-blocks.js', page).stderr).toContain('blocks of ruby are not run');
});

test('marked tables are those of bench/results', () => {
  const { status, stdout, stderr } = run('scripts/bench-docs.js', '--check');
  expect(stderr).toBe('');
  expect(Number(/(\d+) tables/.exec(stdout)?.[1])).toBeGreaterThan(10);
  expect(status).toBe(0);
});

/** Figures with a unit that nobody measures: bounds and defaults of the code, examples, units explained. */
const GIVEN: Readonly<Record<string, readonly string[]>> = {
  'docs/atc.md': ['22 kB'],
  'docs/backtest-kit.md': ['8 MiB'],
  'docs/backtest.md': ['0.1 %', '25 %', '25 ms', '50 ms', '150 ms'],
  'docs/browser.md': ['1 GiB', '60 kB'],
  'docs/caches.md': ['512 MiB', '4 GiB', '10 kB', '64 MiB', '50 times'],
  'docs/expectations.md': ['10 times'],
  'docs/export.md': ['40 times'],
  'docs/fetching.md': ['0.5 s', '1 s', '2 s', '5 s', '60 s'],
  'docs/fleet.md': ['64 KB', '30 s', '2.6 times', '170 MB'],
  'docs/format.md': ['64 KiB'],
  'docs/formats.md': ['400 times', '1 GB', '2 GB', '288 MB', '1 MiB', '16 MiB', '64 MiB', '160 MiB'],
  'docs/mapping.md': ['4 GiB', '64 KiB'],
  'docs/recipes.md': ['3 MiB'],
  'docs/remote.md': ['2 %', '847 MB', '950 MB'],
  'docs/report.md': ['12 MiB'],
  // Durations of campaigns that are run by hand.
  'docs/reliability.md': [
    '318 s',
    '203 s',
    '2,050 s',
    '5,913 s',
    '79 ms',
    '154 MiB',
    '64 MiB',
    '2,506 s',
    '2,002 s',
    '13 s',
    '2,000 s',
    '377 s',
    '164 s',
    '178 s',
    '729 s',
    '1,756 s',
    '225 s',
    '3,600 s',
    '256 MiB',
    '192 s',
    '50 s',
    '3,950 s',
    '647 s',
  ],
  'docs/services.md': ['5 %', '64 MiB'],
  // Of a run by hand that takes ten minutes.
  'docs/sweep.md': ['171 MB', '590 s'],
  'docs/statistics.md': ['1 %', '5 %'],
};
const FIGURE = /\d[\d.,]*(?:x(?![\w\]])| ?(?:%|times|ns|µs|ms|s|kB|KB|MB|GB|KiB|MiB|GiB|MB\/s)(?![\w/]))/g;

test('measured figures stand in the marked tables, made of bench/results, and nowhere else', () => {
  const wrong = PAGES.flatMap((page) => {
    const prose = textOf(page)
      .replace(/<!-- bench:[\s\S]*?<!-- \/bench -->/g, '')
      .replace(/<!--[\s\S]*?-->|^```[\s\S]*?^```|`[^`\n]*`/gm, '');
    const figures = prose.match(FIGURE) ?? [];
    return figures.filter((figure) => !GIVEN[page]?.includes(figure)).map((figure) => `${page}: ${figure}`);
  });
  expect(wrong).toEqual([]);
  // None is left from an older page.
  const unused = Object.entries(GIVEN).flatMap(([page, all]) => all.filter((one) => !textOf(page).includes(one)));
  expect(unused).toEqual([]);
});

test('every link to a page leads to one', () => {
  const dead = PAGES.flatMap((page) => {
    const links = [...textOf(page).matchAll(/\]\((?!https?:)([^)#]+\.md)\)/g)].map(([, to]) => to);
    return links.filter((to) => !existsSync(path.join(path.dirname(page), to))).map((to) => `${page}: ${to}`);
  });
  expect(dead).toEqual([]);
});

test('the changelog names everything that the entry points export', () => {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
  const entries = Object.keys(exports).flatMap((name) =>
    name.endsWith('.json') ? [] : [`atc-memory${name.slice(1)}`],
  );
  const program = `for (const entry of ${JSON.stringify(entries)}) {
    console.log(Object.keys(await import(entry)).join('\\n'));
  }`;
  const names = run('--input-type=module', '-e', program).stdout.trim().split('\n');
  expect(names.length).toBeGreaterThan(60);
  const changelog = textOf('CHANGELOG.md');
  expect(entries).toContain('atc-memory/browser');
  expect(entries.filter((entry) => !changelog.includes(`\`${entry}\``))).toEqual([]);
  expect(names.filter((name) => !changelog.includes(`\`${name}\``))).toEqual([]);
});

test('every error code is in the table of troubleshooting', () => {
  const declared = /export type AtcErrorCode =([^;]*);/.exec(readFileSync('src/errors.ts', 'utf8'))?.[1] ?? '';
  const codes = [...declared.matchAll(/'([A-Z_]+)'/g)].map(([, code]) => code);
  expect(codes.length).toBeGreaterThan(5);
  const page = textOf('docs/troubleshooting.md');
  expect(codes.filter((code) => !page.includes(`| \`${code}\` |`))).toEqual([]);
});

test('the benchmark has a table in the docs for each of its sections', () => {
  const page = textOf('docs/expectations.md');
  expect(SECTION_NAMES.filter((name) => !page.includes(`<!-- bench:${name}.`))).toEqual([]);
});
