// `npm run bench [-- SECTION …]`: runs `atc bench` in full beside the peers that npm has, writes bench/results/*.json
// and then the marked tables of the docs. Market history in ../shared/data, where it is there, is measured too.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepareHost } from '../test/backtest-kit/host/prepare.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const results = path.join(root, 'bench/results');
const main = path.join(root, 'dist/esm/cli.js');
const SECTIONS = ['memory', 'storage', 'cpu', 'backtest', 'read', 'cache'];

/** A user's tree with the peers; a registry that lacks one of them must not stop the others. */
function preparePeers() {
  const folder = path.join(root, '.cache/bench-peers');
  const manifest = path.join(root, 'bench/section-peers/package.json');
  const stamp = path.join(folder, 'installed.json');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === readFileSync(manifest, 'utf8')) return folder;
  mkdirSync(folder, { recursive: true });
  cpSync(manifest, path.join(folder, 'package.json'));
  try {
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--no-package-lock'], { cwd: folder, stdio: 'inherit' });
    cpSync(manifest, stamp);
  } catch {
    console.warn('bench: some peers could not be installed; the tables say what was left out');
  }
  return folder;
}

function measure(name, args, cwd) {
  console.error(`bench: ${name}`);
  const out = execFileSync(process.execPath, [main, 'bench', ...args, '--json'], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  writeFileSync(path.join(results, `${name}.json`), out);
}

const wanted = process.argv.slice(2);
const isWanted = (name) => wanted.length === 0 || wanted.includes(name);
mkdirSync(results, { recursive: true });
const peers = preparePeers();
for (const section of SECTIONS.filter(isWanted)) measure(section, ['--only', section], peers);
const history = path.resolve(root, '../shared/data');
if (isWanted('market-history')) {
  if (existsSync(history)) {
    // By name and size, never by location. Ticks without a close are left out: a dataset needs one.
    const files = readdirSync(history).filter((name) => name.endsWith('.csv.gz') && !name.includes('tick'));
    measure('market-history', [...files.map((name) => path.join(history, name)), '--only', 'storage'], peers);
  } else console.warn('bench: no market history at ../shared/data, market-history left as it was');
}
if (isWanted('backtest-kit')) {
  const { folder, reason } = prepareHost();
  if (folder === undefined) console.warn(`bench: backtest-kit cannot be installed here: ${reason}`);
  else measure('backtest-kit', ['--only', 'backtest-kit'], folder);
}
execFileSync(process.execPath, [path.join(root, 'scripts/bench-docs.js')], { stdio: 'inherit' });
