/**
 * What `npm pack` would publish. A file that slips in (sources, tests, data, a cache) or out (types, a page the
 * README links to) is found here, not by a user. Needs a build, which `npm test` makes first.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

interface Packed {
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const [packed]: [Packed] = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    shell: process.platform === 'win32',
  }),
);
const paths = packed.files.map((file) => file.path);

/** Every kind of file there is, reviewed. */
const KINDS = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md|CONTRIBUTING\.md|SECURITY\.md)$/,
  /^examples\/[\w-]+\.py$/,
  /^examples\/data\/(README\.md|sp500-2000\.csv)$/,
  /^examples\/[\w-]+\/([\w.-]+\.(js|ts|md)|package\.json)$/,
  /^docs\/[\w-]+\.md$/,
  // Pictures that README and docs show: some 220 kB.
  /^examples\/images\/[\w-]+\.webp$/,
  /^vectors\/[\w-]+\.(atc|json)$/,
  /^vectors\/(values|candles|datasets)\/[\w-]+\.(json|value)$/,
  /^vectors\/candles\/[\w-]+\/[\w/]+\/[\w-]+\.(atcs|atcj)$/,
  /^vectors\/datasets\/[\w-]+\/([\w/-]+\.(atc|npy|crc|frames)|catalogue\.(json|brief)|snapshots\/[\w.-]+\.json)$/,
  /^vectors\/datasets\/[\w-]+\/added-\d+\/(names|page-\d+)\.json$/,
  /^dist\/(esm|cjs)\/[\w-]+\.js(\.map)?$/,
  /^dist\/(esm|cjs)\/(src|plugins)\/[\w/.-]+\.d\.ts$/,
  /^dist\/cjs\/package\.json$/,
];
/** Bytes. Source maps hold the sources and are more than half of it; the kernels, inlined twice, most of the rest. */
const MOST_BYTES = 23_000_000;

/** Every file that a value of `exports`, `main`, `types` or `bin` names. */
function named(value: unknown): string[] {
  if (typeof value === 'string') return value.startsWith('./dist') ? [value.slice(2)] : [];
  return value === null || typeof value !== 'object' ? [] : Object.values(value).flatMap(named);
}

describe('the published package', () => {
  test('holds the reviewed files only', () => {
    expect(paths.filter((one) => !KINDS.some((kind) => kind.test(one)))).toEqual([]);
  });

  test('holds every file that the manifest names, and every page there is', () => {
    const { exports, main, types, bin, typesVersions } = manifest;
    const expected = [...new Set(named({ exports, main, types, bin, typesVersions }))];
    expect(expected.length).toBeGreaterThan(20);
    expect(expected.filter((path) => !paths.includes(path))).toEqual([]);
    const pages = [...readFileSync('README.md', 'utf8').matchAll(/\]\((docs\/[\w-]+\.md|[A-Z]+(?:\.md)?)[)#]/g)];
    const linked = pages.map(([, path]) => path);
    expect(linked.length).toBeGreaterThan(3);
    expect(linked.filter((path) => !existsSync(path) || !paths.includes(path))).toEqual([]);
  });

  test('holds every example and page that its pages point to', () => {
    const there = (target: string) => paths.some((path) => path === target || path.startsWith(`${target}/`));
    const missing = paths
      .filter((page) => page.endsWith('.md') && page !== 'CONTRIBUTING.md')
      .flatMap((page) => {
        const named = readFileSync(page, 'utf8').matchAll(/[`(]((?:\.\.\/)?(?:examples\/[\w./-]+|CONTRIBUTING\.md))/g);
        return [...named].map(([, target]) => ({ page, target: target.replace(/^\.\.\//, '').replace(/[./]+$/, '') }));
      })
      .filter(({ target }) => !there(target));
    expect(missing).toEqual([]);
  });

  test('holds every picture that its pages show, and no other', () => {
    const shown = paths
      .filter((page) => page.endsWith('.md'))
      .flatMap((page) => {
        const pictures = readFileSync(page, 'utf8').matchAll(/!\[[^\]]*\]\((?!https?:)([^)]+)\)/g);
        return [...pictures].map(([, target]) => path.posix.join(path.posix.dirname(page), target));
      });
    expect(shown.length).toBeGreaterThan(3);
    expect([...new Set(shown)].sort()).toEqual(paths.filter((one) => one.startsWith('examples/images/')).sort());
  });

  test('stays below its size', () => {
    const sum = packed.files.reduce((bytes, file) => bytes + file.size, 0);
    expect(sum).toBe(packed.unpackedSize);
    expect(packed.unpackedSize).toBeLessThan(MOST_BYTES);
  });
});
