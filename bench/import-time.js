// What importing the package costs a process: fresh processes in turn, an empty module and each entry point, as ESM and as CommonJS.
// Prints the median difference to the empty module, of the clock and of processor time, and what was loaded. Needs a build.
//   node bench/import-time.js [ROUNDS]
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const rounds = Number(process.argv[2] ?? 25);
const REPORT = `const { user, system } = process.cpuUsage(); process.stderr.write(String((user + system) / 1000));`;
const atc = path.join(root, 'dist/esm/cli.js');

const esm = (statement) => ['--input-type=module', '--eval', `${statement}\n${REPORT}`];
const cjs = (statement) => ['--input-type=commonjs', '--eval', `${statement}\n${REPORT}`];
const version = `process.argv.splice(1, 9, 'atc', '--version');`;

const CASES = {
  'empty module': esm(''),
  "import 'atc-memory'": esm("import 'atc-memory';"),
  "import 'atc-memory/inversify'": esm("import 'atc-memory/inversify';"),
  "import 'atc-memory/atc'": esm("import 'atc-memory/atc';"),
  'empty CommonJS': cjs(''),
  "require('atc-memory')": cjs("require('atc-memory');"),
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

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
const clock = (name) => median(times[name].map((one) => one.clock));
const cpu = (name) => median(times[name].map((one) => one.cpu));
const fixed = (ms) => ms.toFixed(1).padStart(7);
console.log(`Node ${process.version}, ${rounds} processes each; ms, medians`);
console.log(`${''.padEnd(32)}  clock  above    cpu  above`);
for (const name of Object.keys(CASES)) {
  const base = name.startsWith('require') ? 'empty CommonJS' : 'empty module';
  const above = [clock(name) - clock(base), cpu(name) - cpu(base)];
  console.log(`${name.padEnd(30)}${fixed(clock(name))}${fixed(above[0])}${fixed(cpu(name))}${fixed(above[1])}`);
}
