// What importing the package costs a process: fresh processes in turn, an empty module and each entry point, as ESM
// and as CommonJS. Prints the difference to the empty module, of the clock and of processor time: medians, and
// between the least of each, which a busy machine disturbs least. Needs a build.
//   node bench/import-time.js [ROUNDS]
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { median } from './kit.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const rounds = Number(process.argv[2] ?? 25);
const REPORT = `const { user, system } = process.cpuUsage(); process.stderr.write(String((user + system) / 1000));`;
const atc = path.join(root, 'dist/esm/cli.js');

const esm = (statement) => ['--input-type=module', '--eval', `${statement}\n${REPORT}`];
const cjs = (statement) => ['--input-type=commonjs', '--eval', `${statement}\n${REPORT}`];
const version = `process.argv.splice(1, 9, 'atc', '--version');`;

const ENTRIES = ['', '/dataset', '/inversify', '/atc', '/backtest-kit', '/cache-manager'].map(
  (subpath) => `atc-memory${subpath}`,
);
const CASES = {
  'empty module': esm(''),
  ...Object.fromEntries(ENTRIES.map((id) => [`import '${id}'`, esm(`import '${id}';`)])),
  'empty CommonJS': cjs(''),
  ...Object.fromEntries(ENTRIES.map((id) => [`require('${id}')`, cjs(`require('${id}');`)])),
  'atc --version': esm(`${version} await import(${JSON.stringify(atc)});`),
};

const times = Object.fromEntries(Object.keys(CASES).map((name) => [name, []]));
for (let round = 0; round <= rounds; round++) {
  for (const [name, args] of Object.entries(CASES)) {
    const start = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    const cpu = Number(stderr);
    // The first round warms the disk.
    if (round > 0) times[name].push({ clock: performance.now() - start, cpu });
  }
}

const least = (values) => Math.min(...values);
const of = (name, what, pick) => pick(times[name].map((one) => one[what]));
const fixed = (ms) => ms.toFixed(1).padStart(8);
console.log(`Node ${process.version}, ${rounds} processes each; ms above an empty module`);
console.log(`${''.padEnd(32)}median   least  cpu median  cpu least`);
for (const name of Object.keys(CASES)) {
  const base = name.startsWith('require') ? 'empty CommonJS' : 'empty module';
  const isBase = name === base;
  const above = (what, pick) => of(name, what, pick) - (isBase ? 0 : of(base, what, pick));
  const [clock, cpu] = ['clock', 'cpu'].map((what) => [fixed(above(what, median)), fixed(above(what, least))]);
  console.log(
    `${name.padEnd(30)}${clock.join('')}${cpu[0].padStart(12)}${cpu[1].padStart(11)}${isBase ? '  (itself)' : ''}`,
  );
}
