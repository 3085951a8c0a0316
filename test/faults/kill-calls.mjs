/**
 * Writers that are killed before and after a call: each scenario of the fault campaign, one process a kill. What is
 * left has to be the state before or the one after, and readable. Needs a C compiler and Linux.
 *
 *     npm run build && node test/faults/kill-calls.mjs --kills 2000 --seed 7 [--only append]
 *
 * `--kills 0` takes every call of every scenario. Prints one line of JSON: kills by scenario, what went wrong.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const FILES = ['dataset', 'stores', 'caches', 'studies', 'remote'];
const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
});
const most = Number(values.kills) || Infinity;
const root = fs.mkdtempSync(path.join(os.tmpdir(), 'atc-kill-calls-'));
const shim = path.join(root, 'shim.so');
const control = path.join(root, 'control');
const dist = path.resolve(process.env.ATC_FAULT_DIST ?? 'dist/esm');
let state = Number(values.seed) >>> 0;
const random = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;

function role(file, name, env, isWatched = true) {
  fs.writeFileSync(control, new Uint8Array(4096));
  const shimmed = isWatched ? { LD_PRELOAD: shim, ATC_FAULT_DIR: root } : {};
  const { signal, stdout, stderr } = spawnSync(process.execPath, [`test/faults/${file}.mjs`], {
    encoding: 'utf8',
    timeout: 300_000,
    maxBuffer: 1 << 26,
    env: {
      ...process.env,
      ...shimmed,
      UV_USE_IO_URING: '0',
      ATC_FAULT_CONTROL: control,
      ATC_FAULT_DIST: dist,
      ATC_KILL_ROLE: name,
      ...env,
    },
  });
  const line = stdout.split('\n').find((text) => /^[{[]/.test(text));
  return { signal, answer: line && JSON.parse(line), stderr };
}

/** The calls to be killed at: all of them, or as many, spread evenly from a random one on. */
function chosen(calls, count) {
  if (count >= calls) return Array.from({ length: calls }, (_, k) => k + 1);
  const offset = random();
  return Array.from({ length: count }, (_, k) => 1 + Math.floor(((k + offset) * calls) / count));
}

function killScenario(file, name, share) {
  const directory = path.join(root, 'work');
  const { answer, stderr } = role(file, 'count', { ATC_KILL_NAME: name, ATC_KILL_DIR: path.join(root, 'count') });
  if (answer === undefined) throw new Error(`${name}: ${stderr.slice(0, 1000)}`);
  const kills = chosen(answer.calls, Math.ceil(share / 2)).flatMap((nth) => [
    [nth, 'before'],
    [nth, 'after'],
  ]);
  let killed = 0;
  for (const [nth, when] of kills) {
    const { signal } = role(file, when, {
      ATC_KILL_NAME: name,
      ATC_KILL_NTH: `${nth}`,
      ATC_KILL_DIR: path.join(directory, `${nth}-${when}`),
    });
    if (signal === 'SIGKILL') killed++;
  }
  const looked = role(file, 'look', { ATC_KILL_NAME: name, ATC_KILL_DIR: directory }, false);
  fs.rmSync(directory, { recursive: true, force: true });
  fs.rmSync(path.join(root, 'count'), { recursive: true, force: true });
  const problems = looked.answer?.problems ?? [{ scenario: name, problem: looked.stderr.slice(0, 1500) }];
  return { calls: answer.calls, killed, problems };
}

try {
  execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', shim, 'test/faults/shim.c', '-ldl'], { stdio: 'pipe' });
  const scenarios = FILES.flatMap((file) =>
    role(file, 'names', {}, false).answer.map((name) => ({ file, name })),
  ).filter(({ name }) => new RegExp(values.only).test(name));
  const counts = {};
  const calls = {};
  const problems = [];
  for (const { file, name } of scenarios) {
    const found = killScenario(file, name, Math.ceil(most / scenarios.length));
    counts[name] = found.killed;
    calls[name] = found.calls;
    problems.push(...found.problems);
    console.error(`${name}: ${found.killed} kills in ${found.calls} calls, ${found.problems.length} problems`);
  }
  const kills = Object.values(counts).reduce((sum, n) => sum + n, 0);
  const seconds = Math.round(performance.now() / 1000);
  console.log(
    JSON.stringify({ seed: Number(values.seed), kills, seconds, counts, calls, problems: problems.slice(0, 20) }),
  );
  process.exitCode = problems.length > 0 ? 1 : 0;
} finally {
  fs.rmSync(root, { recursive: true, force: true });
}
