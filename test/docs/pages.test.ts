/** README and docs say what is true: their code runs, their figures come from bench/results, every error code is explained. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { SECTION_NAMES } from '../../src/cli/bench/sections.js';

const PAGES = ['README.md', ...readdirSync('docs').flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : []))];
/** Tables of runs that `npm run bench` does not make: gigabytes of disk, minutes of time. They are held by no file of results. */
const OWN_PROGRAM: Readonly<Record<string, string>> = {
  'docs/mapping.md': 'bench/memory-backends.js',
  'docs/backtest.md': 'bench/memory-pipeline.js',
};
const textOf = (page: string) => readFileSync(page, 'utf8');
const run = (...args: string[]) => spawnSync(process.execPath, args, { encoding: 'utf8' });

test.each(PAGES)('%s: every block of code runs or holds', (page) => {
  const { status, stderr, stdout } = run('scripts/doc-blocks.js', page);
  expect(stderr).toBe('');
  expect(stdout).toMatch(/: \d+ blocks\n$/);
  expect(status).toBe(0);
});

test('the guide is run, not only looked at', () => {
  expect(textOf('docs/guide.md').match(/^```(ts|sh) run$/gm)?.length).toBeGreaterThan(3);
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
