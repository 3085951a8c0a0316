/** The main job four ways, each in a process of its own: only so do the peaks of memory belong to one way. */
import { spawn } from 'node:child_process';
import { interruptSignal } from './interrupt.js';
import type { MeasuredRun } from './measured-run.js';
import { compareReport, type Way } from './report.js';

const WAYS: readonly Omit<Way, 'run'>[] = [
  { name: 'in memory', flags: ['--no-mmap', '--no-compress'] },
  { name: 'mapped', flags: ['--mmap', '--no-compress'] },
  { name: 'compressed', flags: ['--no-mmap', '--compress'] },
  { name: 'both', flags: ['--mmap', '--compress'] },
];
/** What this process was given and its children must not inherit. */
const OWN_FLAGS = new Set(['--compare', '--json', '--mmap', '--no-mmap', '--compress', '--no-compress']);

/** Prints the table; true when all ways gave the same bits. */
export async function compareWays(
  _sources: readonly string[],
  argumentsGiven: readonly string[],
  asJson: boolean,
): Promise<boolean> {
  const passedOn = argumentsGiven.filter((argument) => !OWN_FLAGS.has(argument));
  const ways: Way[] = [];
  const measured = ['--json', '--digest', ...(asJson ? [] : ['--progress'])];
  for (const way of WAYS) ways.push({ ...way, run: await runChild([...passedOn, ...way.flags, ...measured]) });
  const fingerprints = new Set(ways.map(({ run }) => fingerprint(run)));
  const identical = fingerprints.size === 1;
  process.stdout.write(`${asJson ? JSON.stringify({ ways, identical }) : compareReport(ways, identical)}\n`);
  return identical;
}

/** Everything that must not depend on how history is kept. */
function fingerprint({ result, rowsDigest }: MeasuredRun): string {
  return JSON.stringify([result.strategy, result.rows, result.symbols, result.skipped, rowsDigest]);
}

/** Runs this command again with other flags. Its messages go to our stderr; a failure of its own becomes ours. */
function runChild(flags: readonly string[]): Promise<MeasuredRun> {
  const signal = interruptSignal();
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const child = spawn(process.execPath, [...process.execArgv, process.argv[1], ...flags], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const stop = () => child.kill('SIGINT');
    signal.addEventListener('abort', stop, { once: true });
    const out: Buffer[] = [];
    child.stdout.on('data', (bytes: Buffer) => out.push(bytes));
    child.on('error', reject);
    child.on('close', (code) => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) reject(signal.reason);
      else if (code === 0) resolve(JSON.parse(Buffer.concat(out).toString('utf8')) as MeasuredRun);
      else reject(new ChildFailure(code ?? 1));
    });
  });
}

/** A child has failed and has said why itself. */
export class ChildFailure extends Error {
  constructor(readonly exitCode: number) {
    super(`a run ended with exit code ${exitCode}`);
  }
}
