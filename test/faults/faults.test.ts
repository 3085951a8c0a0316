/**
 * Write paths under injected faults of the file system: what is rejected has not happened or says that it has, what is
 * acknowledged is there, and nothing stays open or unfinished. Needs a C compiler and Linux. By hand, without a bound:
 * ATC_FAULT_CASES=0 ATC_FAULT_SEED=7 npx jest test/faults (set ATC_FAULT_TIMEOUT_MS as well).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const CASES = process.env.ATC_FAULT_CASES ?? '96';
const TIMEOUT_MS = Number(process.env.ATC_FAULT_TIMEOUT_MS ?? 240_000);
/** A process a kill, so a few of the scenarios. */
const KILLED =
  '^(append-mapped|compact-packed|generations|entry-set|results-packed|study|candles-merge-packed|migrate)$';
const SEED = process.env.ATC_FAULT_SEED ?? '1';
const SCENARIOS = ['dataset', 'stores', 'caches', 'studies', 'remote'];

const folder = mkdtempSync(path.join(tmpdir(), 'atc-faults-'));
const shim = path.join(folder, 'shim.so');
const reason = buildShim();

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Why there is none; undefined when it was built. */
function buildShim(): string | undefined {
  if (process.platform !== 'linux') return 'the shim is for Linux';
  try {
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', shim, 'test/faults/shim.c', '-ldl'], { stdio: 'pipe' });
    return undefined;
  } catch (error) {
    return `no C compiler: ${String((error as Error).message).split('\n')[0]}`;
  }
}

if (reason !== undefined) console.info(`injected faults are not tested here: ${reason}`);

(reason === undefined ? test : test.skip).each(SCENARIOS)(
  'a failing system call leaves the state before or the one after, and nothing else: %s',
  (name) => {
    const directory = path.join(folder, name);
    const control = `${directory}.control`;
    mkdirSync(directory);
    writeFileSync(control, new Uint8Array(4096));
    const { stdout, stderr } = spawnSync(process.execPath, [`test/faults/${name}.mjs`], {
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
      env: {
        ...process.env,
        LD_PRELOAD: shim,
        // libuv may do file work through io_uring, which no shim sees.
        UV_USE_IO_URING: '0',
        ATC_FAULT_CASES: CASES,
        ATC_FAULT_DIR: directory,
        ATC_FAULT_CONTROL: control,
        ATC_FAULT_DIST: path.resolve('dist/esm'),
      },
    });
    const line = stdout.split('\n').find((text) => text.startsWith('{'));
    if (line === undefined) throw new Error(`the campaign ended early: ${stderr.slice(-2000)}`);
    const { counts, problems } = JSON.parse(line);
    expect(problems).toEqual([]);
    expect(Math.min(...(Object.values(counts) as number[]))).toBeGreaterThan(0);
  },
  TIMEOUT_MS,
);

(reason === undefined ? test : test.skip)(
  'a kill before or after any call leaves the state before or the one after',
  () => {
    const args = ['test/faults/kill-calls.mjs', '--kills', process.env.ATC_KILL_CALLS ?? '24', '--seed', SEED];
    args.push('--only', process.env.ATC_KILL_ONLY ?? KILLED);
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: TIMEOUT_MS });
    const line = stdout.split('\n').find((text) => text.startsWith('{'));
    if (line === undefined) throw new Error(`the campaign ended early: ${stderr.slice(-2000)}`);
    const { kills, problems } = JSON.parse(line);
    expect(problems).toEqual([]);
    expect(kills).toBeGreaterThan(12);
  },
  TIMEOUT_MS,
);

test(
  'acknowledged writes survive kills at random moments, and the next run leaves no unfinished file',
  () => {
    const { stdout, stderr } = spawnSync(process.execPath, ['test/faults/kill.mjs'], {
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
      env: { ...process.env, ATC_KILLS: process.env.ATC_KILLS ?? '9' },
    });
    if (!stdout.startsWith('{')) throw new Error(`the campaign ended early: ${stderr.slice(-2000)}`);
    const { kills, problems } = JSON.parse(stdout);
    expect(problems).toEqual([]);
    expect(kills).toBeGreaterThanOrEqual(9);
  },
  TIMEOUT_MS,
);
