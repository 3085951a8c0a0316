/** README and docs say what is true: their code runs, their figures come from bench/results, every error code is explained. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SECTION_NAMES } from '../../src/cli/bench/sections.js';

const PAGES = ['README.md', ...readdirSync('docs').flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : []))];
/** Tables of runs that `npm run bench` does not make: gigabytes of disk, minutes of time. They are held by no file of results. */
const OWN_PROGRAM: Readonly<Record<string, string>> = {
  'docs/mapping.md': 'bench/memory-backends.js',
  'docs/backtest.md': 'bench/memory-pipeline.js',
};
const textOf = (page: string) => readFileSync(page, 'utf8');
const countOf = (pattern: RegExp, pages: readonly string[]) =>
  pages.reduce((count, page) => count + (textOf(page).match(pattern)?.length ?? 0), 0);
const run = (...args: string[]) => spawnSync(process.execPath, args, { encoding: 'utf8' });

test('every block of TypeScript fits the types of the build', () => {
  const { status, stderr, stdout } = run('scripts/doc-types.js', ...PAGES);
  expect(stderr).toBe('');
  expect(Number(/(\d+) blocks/.exec(stdout)?.[1])).toBe(countOf(/^```ts/gm, PAGES));
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

test('a block that is wrong is told with its place', () => {
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
  expect(run('scripts/doc-blocks.js', page).stderr).toContain('nobody runs ruby');
});

test('marked tables are those of bench/results', () => {
  const { status, stdout, stderr } = run('scripts/bench-docs.js', '--check');
  expect(stderr).toBe('');
  expect(Number(/(\d+) tables/.exec(stdout)?.[1])).toBeGreaterThan(10);
  expect(status).toBe(0);
});

test('a table outside the marks quotes no measured figure', () => {
  const measured = /\d(\.\d+)?x( |$|\|)|\d ?(MB\/s|MiB|GiB)\b|\d(\.\d+)? (ms|µs)\b/;
  const wrong = PAGES.filter((page) => !(page in OWN_PROGRAM)).flatMap((page) => {
    const outside = textOf(page).replace(/<!-- bench:[\s\S]*?<!-- \/bench -->/g, '');
    return outside
      .split('\n')
      .filter((line) => line.startsWith('|') && measured.test(line))
      .map((line) => `${page}: ${line}`);
  });
  // Bounds and defaults, which the code sets.
  const settings = /maxBytes|views of|maxSegmentBytes|maxCacheBytes/;
  expect(wrong.filter((line) => !settings.test(line))).toEqual([]);
});

test.each(Object.entries(OWN_PROGRAM))('%s names the program that printed its tables', (page, program) => {
  expect(existsSync(program)).toBe(true);
  expect(textOf(page)).toContain(program);
});

test('every link to a page leads to one', () => {
  const dead = PAGES.flatMap((page) => {
    const links = [...textOf(page).matchAll(/\]\((?!https?:)([^)#]+\.md)\)/g)].map(([, to]) => to);
    return links.filter((to) => !existsSync(path.join(path.dirname(page), to))).map((to) => `${page}: ${to}`);
  });
  expect(dead).toEqual([]);
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
