/**
 * Mutation testing of a group of files (groups.js), by hand (docs/reliability.md): each mutant in a process of its own,
 * which runs the tests that reach it until one fails.
 *
 *     npx --package @stryker-mutator/instrumenter@9.6.1 node test/mutation/run.mjs codec [--file lz4] [--jobs 2]
 *
 * `--again`: only those that survived the last run, after tests were added. Prints the mutants that no test notices,
 * and counts by file: `endless` are the killed ones that did not end in time, which a busy machine may be to blame for.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundleTests } from './bundle.mjs';
import { GROUPS } from './groups.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    file: { type: 'string', default: '' },
    jobs: { type: 'string', default: '1' },
    again: { type: 'boolean', default: false },
  },
});
const [name] = positionals;
if (!Object.hasOwn(GROUPS, name ?? '')) throw new Error(`a group is one of ${Object.keys(GROUPS).join(', ')}`);
const root = path.resolve(import.meta.dirname, '../..');
/** A mutant that loops for ever, or takes memory for ever, is noticed. */
const TIMEOUT_MS = 20_000;
const HEAP_MIB = 1024;

function runTests(request, timeout) {
  return new Promise((resolve) => {
    const child = spawn(
      process.execPath,
      [`--max-old-space-size=${HEAP_MIB}`, path.join(import.meta.dirname, 'runner.mjs'), JSON.stringify(request)],
      { cwd: root, timeout, killSignal: 'SIGKILL', stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (text) => (stdout += text));
    child.stderr.on('data', (text) => (stderr += text));
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

const folder = path.join(root, '.cache/mutation', name);
/** Ids of those that survived, while the sources are the same. */
const lastRun = `${folder}.json`;
const { mutants, files } = await bundleTests(GROUPS[name], folder);
const whole = await runTests({ files });
if (whole.code !== 0) throw new Error(`the tests do not run: ${whole.stderr.slice(-3000)}`);
const { results, loaded } = JSON.parse(whole.stdout.slice(whole.stdout.lastIndexOf('\n{') + 1));
const failing = results.filter(({ failure }) => failure !== undefined);
if (failing.length > 0)
  throw new Error(
    failing
      .map(({ name, failure }) => `${name}: ${failure}`)
      .slice(0, 5)
      .join('\n\n'),
  );
const atLoad = new Set(loaded);

async function verdictOf(request) {
  const start = performance.now();
  const { code } = await runTests(request, TIMEOUT_MS);
  if (code === 0) return 'survived';
  return performance.now() - start >= TIMEOUT_MS ? 'endless' : 'killed';
}

/**
 * Runs the tests that reach a mutant, then the files they are in: what is computed once, and stays, is reached by the
 * first test only. All of them, where loading a file reaches it.
 */
async function judge({ id: mutant }) {
  if (atLoad.has(mutant)) return verdictOf({ files, mutant });
  const reaching = results.filter(({ reached }) => reached.includes(mutant));
  if (reaching.length === 0) return 'no test reaches it';
  const request = { mutant, files: files.filter((file) => reaching.some((test) => test.file === file)) };
  const verdict = await verdictOf({ ...request, only: reaching.map(({ id }) => id) });
  return verdict === 'survived' ? verdictOf(request) : verdict;
}

const last = existsSync(lastRun) ? JSON.parse(readFileSync(lastRun, 'utf8')) : [];
const before = values.again ? new Set(last) : undefined;
const chosen = mutants.filter(({ fileName }) => fileName.includes(values.file));
const counts = {};
const survivors = [];
const queue = [...chosen];
async function work() {
  for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
    const outcome = before?.has(mutant.id) === false ? 'killed' : await judge(mutant);
    const count = (counts[mutant.fileName] ??= { killed: 0, endless: 0, mutants: 0 });
    count.mutants++;
    if (outcome === 'endless') count.endless++;
    if (outcome === 'killed' || outcome === 'endless') count.killed++;
    else survivors.push({ ...mutant, outcome });
  }
}
await Promise.all(Array.from({ length: Number(values.jobs) }, work));

const isChosen = new Set(chosen.map(({ id }) => id));
const others = last.filter((id) => !isChosen.has(id));
writeFileSync(lastRun, JSON.stringify([...others, ...survivors.map(({ id }) => id)]));
survivors.sort((a, b) => a.id - b.id);
for (const { fileName, location, mutatorName, replacement, outcome, id } of survivors) {
  const line = `${fileName}:${location.start.line + 1}:${location.start.column + 1}`;
  console.log(`${id} ${line} ${outcome}: ${mutatorName} -> ${replacement.replaceAll(/\s+/g, ' ').slice(0, 120)}`);
}
console.log(JSON.stringify({ group: name, seconds: Math.round(performance.now() / 1000), counts }));
