// Packs the package, installs the tarball into an empty folder and uses it the ways a stranger would.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(path.join(tmpdir(), 'atc-pack-'));
const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';

function run(what, command, args, options = {}) {
  process.stdout.write(`pack smoke: ${what} … `);
  try {
    const out = execFileSync(command, args, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      ...options,
    });
    console.log('ok');
    return out;
  } catch (error) {
    console.log('failed');
    console.error(error.stdout, error.stderr);
    throw error;
  }
}

function write(name, text) {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
}

const ROUND_TRIP = `
const closes = Float64Array.from({ length: 200 }, (_, i) => 100 + (i % 17) / 100);
const back = decompressPrices(compressPrices(closes));
if (!closes.every((value, i) => Object.is(value, back[i]))) throw new Error('round trip');
if (computeAtcSignals(closes).averageSignal.length !== 200) throw new Error('signals');
if (typeof memoryModule !== 'function') throw new Error('inversify entry');
let refused;
try {
  setup({ candles: 'packed' });
} catch (error) {
  refused = error;
}
if (refused?.code !== 'UNSUPPORTED' || !refused.message.includes('npm install backtest-kit'))
  throw refused ?? new Error('no host, no refusal');
`;
const IMPORTS = `import { compressPrices, decompressPrices } from 'atc-memory';
import { computeAtcSignals } from 'atc-memory/atc';
import { setup } from 'atc-memory/backtest-kit';
import { memoryModule } from 'atc-memory/inversify';
`;
const REQUIRES = `const { compressPrices, decompressPrices } = require('atc-memory');
const { computeAtcSignals } = require('atc-memory/atc');
const { setup } = require('atc-memory/backtest-kit');
const { memoryModule } = require('atc-memory/inversify');
`;
const TYPED = `${IMPORTS}import type { Dataset, Dtype } from 'atc-memory';
const dtype: Dtype = 'float64';
const bytes: Uint8Array = compressPrices(new Float64Array(3), { level: 5 });
// @ts-expect-error there is no such algorithm
compressPrices(new Float64Array(3), { algorithm: 'gzip' });
export const used: [Dtype, Uint8Array, typeof decompressPrices, typeof computeAtcSignals, typeof memoryModule,
  typeof setup, Dataset | undefined] =
  [dtype, bytes, decompressPrices, computeAtcSignals, memoryModule, setup, undefined];
`;

try {
  execFileSync(process.execPath, [path.join(root, 'scripts/build.js')], { stdio: 'inherit' });
  run('npm pack', npm, ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  write('package.json', JSON.stringify({ name: 'consumer', private: true }));
  run('install the tarball', npm, ['install', '--silent', '--no-audit', '--no-fund', `./${tarball}`]);
  write('esm.mjs', IMPORTS + ROUND_TRIP);
  run('import from ESM', process.execPath, ['esm.mjs']);
  write('cjs.cjs', REQUIRES + ROUND_TRIP);
  run('require from CommonJS', process.execPath, ['cjs.cjs']);
  run('the atc command', process.execPath, ['node_modules/atc-memory/dist/esm/cli.js', '--version']);

  const dev = JSON.parse(
    execFileSync(
      process.execPath,
      ['-p', `JSON.stringify(require(${JSON.stringify(path.join(root, 'package.json'))}).devDependencies)`],
      { encoding: 'utf8' },
    ),
  );
  run('install jest and TypeScript beside it', npm, [
    'install',
    '--silent',
    '--no-audit',
    '--no-fund',
    '--save-dev',
    `jest@${dev.jest}`,
    `typescript@${dev.typescript}`,
    `@types/node@${dev['@types/node']}`,
  ]);
  write('plain.test.js', `${REQUIRES}test('round trip', () => {${ROUND_TRIP}});\n`);
  run('require from a plain CommonJS jest', process.execPath, ['node_modules/jest/bin/jest.js', '--rootDir', '.']);
  for (const [resolution, module, extension] of [
    ['nodenext', 'nodenext', 'mts'],
    ['nodenext', 'nodenext', 'cts'],
    ['node10', 'commonjs', 'ts'],
    ['bundler', 'esnext', 'ts'],
  ]) {
    write(`types/consumer.${extension}`, TYPED);
    run(`type-check a .${extension} consumer under ${resolution}`, process.execPath, [
      'node_modules/typescript/bin/tsc',
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      'false',
      '--target',
      'es2022',
      '--lib',
      'es2023,esnext.disposable',
      '--types',
      'node',
      '--module',
      module,
      '--moduleResolution',
      resolution,
      `types/consumer.${extension}`,
    ]);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
