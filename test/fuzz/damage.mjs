/**
 * Millions of damaged frames and files, structure-aware, most with right checksums again. A reader gives what was
 * written or an error of ours, within a second and its memory; it never crashes. By hand:
 *
 *     npm run build && node test/fuzz/damage.mjs --cases 10000000 --seed 7 --state damage.json
 *
 * Slices of a process each, so that a crash or a hang is an error with its seed. `--state` keeps what was done: the
 * same command goes on where it was stopped. ATC_FUZZ_DIST names another build.
 */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

/** How often each format is chosen: those in memory cost microseconds, those on the disk a millisecond. */
const WEIGHTS = { frame: 34, value: 16, entry: 12, segment: 12, journal: 12, catalogue: 6, checks: 4, npy: 4 };
const DISK_WEIGHTS = { dataset: 5, candles: 3, entries: 3, results: 2 };
/** Of a slice, so many of its cases go to files on the disk. */
const DISK_SHARE = 0.02;
const SLICE = 100_000;
const SLICE_MS = 20 * 60_000;

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    from: { type: 'string', default: '0' },
    to: { type: 'string' },
    state: { type: 'string' },
  },
});
const seed = Number(values.seed);

async function slice(from, to) {
  const { runSlice } = await import('./damage/slice.mjs');
  const { memoryTargets } = await import('./damage/memory-targets.mjs');
  const { diskTargets } = await import('./damage/disk-targets.mjs');
  const dist = path.resolve(process.env.ATC_FUZZ_DIST ?? 'dist/esm', 'src');
  const load = (file) => import(pathToFileURL(path.join(dist, file)).href);
  const root = fs.mkdtempSync(path.join(fs.existsSync('/dev/shm') ? '/dev/shm' : os.tmpdir(), 'atc-damage-'));
  try {
    const memory = await memoryTargets(load);
    const disk = await diskTargets(load, root);
    const only = (weights) =>
      values.only === undefined ? weights : values.only in weights ? { [values.only]: 1 } : {};
    const cut =
      values.only === undefined ? Math.round(to - (to - from) * DISK_SHARE) : values.only in WEIGHTS ? to : from;
    const first = await runSlice({ targets: memory, weights: only(WEIGHTS), seed, from, to: cut });
    const second = await runSlice({ targets: disk, weights: only(DISK_WEIGHTS), seed, from: cut, to });
    return {
      counts: { ...first.counts, ...second.counts },
      problems: [...first.problems, ...second.problems],
      slowestMs: Math.max(first.slowestMs, second.slowestMs),
      peakMib: second.peakMib,
    };
  } finally {
    fs.rmSync(root, { recursive: true, force: true });
  }
}

function runApart(from, to) {
  const args = [fileURLToPath(import.meta.url), '--seed', `${seed}`, '--from', `${from}`, '--to', `${to}`];
  if (values.only !== undefined) args.push('--only', values.only);
  const { status, signal, stdout, stderr, error } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: SLICE_MS,
    killSignal: 'SIGKILL',
    maxBuffer: 1 << 26,
  });
  const line = stdout.split('\n').find((text) => text.startsWith('{'));
  if (status === 0 && line !== undefined) return JSON.parse(line);
  return {
    counts: {},
    slowestMs: 0,
    peakMib: 0,
    problems: [{ seed, from, to, problem: `${signal ?? status} ${error ?? ''} ${stderr.slice(-1500)}` }],
  };
}

function campaign(cases) {
  const first = Number(values.from);
  const state = { seed, done: 0, seconds: 0, counts: {}, problems: [], slowestMs: 0, peakMib: 0 };
  if (values.state !== undefined && fs.existsSync(values.state))
    Object.assign(state, JSON.parse(fs.readFileSync(values.state, 'utf8')));
  if (state.seed !== seed) throw new Error(`${values.state} is of seed ${state.seed}`);
  while (state.done < cases && state.problems.length === 0) {
    const count = Math.min(SLICE, cases - state.done);
    const started = performance.now();
    const { counts, problems, slowestMs, peakMib } = runApart(first + state.done, first + state.done + count);
    for (const [key, n] of Object.entries(counts)) state.counts[key] = (state.counts[key] ?? 0) + n;
    state.problems.push(...problems);
    state.slowestMs = Math.max(state.slowestMs, slowestMs);
    state.peakMib = Math.max(state.peakMib, peakMib);
    state.seconds = Math.round(state.seconds + (performance.now() - started) / 1000);
    state.done += count;
    if (values.state !== undefined) fs.writeFileSync(values.state, `${JSON.stringify(state, null, 2)}\n`);
    console.error(`${state.done} of ${cases} from seed ${seed}: ${state.problems.length} problems, ${state.seconds} s`);
  }
  console.log(JSON.stringify(state));
  process.exitCode = state.problems.length > 0 ? 1 : 0;
}

if (values.to === undefined) campaign(Number(values.cases));
else console.log(JSON.stringify(await slice(Number(values.from), Number(values.to))));
