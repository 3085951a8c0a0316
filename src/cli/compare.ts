/** The main job four ways, each in a process of its own: only so do the peaks of memory belong to one way. */
import { spawn } from 'node:child_process';
import { AtcError } from '../errors.js';
import { ChildFailure } from './child-failure.js';
import { interruptSignal } from './interrupt.js';
import type { MeasuredRun } from './measured-run.js';
import { emptyProcessBytes } from './memory.js';
import { printOut, printPainted } from './output.js';
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
export async function compareWays(argumentsGiven: readonly string[], asJson: boolean): Promise<boolean> {
  const passedOn = argumentsGiven.filter((argument) => !OWN_FLAGS.has(argument));
  const emptyBytes = emptyProcessBytes();
  const ways: Way[] = [];
  for (const [at, way] of WAYS.entries()) {
    const progress = asJson ? [] : ['--progress', `${way.name} (${at + 1} of ${WAYS.length})`];
    // All four read the same files: the first lists them.
    const listing = asJson || at > 0 ? [] : ['--list-files'];
    const flags = [...passedOn, ...way.flags, '--json', '--digest', ...progress, ...listing];
    ways.push({ ...way, run: await runChild(way.name, flags) });
  }
  const fingerprints = new Set(ways.map(({ run }) => fingerprint(run)));
  const identical = fingerprints.size === 1;
  if (asJson) printOut(JSON.stringify({ emptyBytes, ways, identical }));
  else printPainted(compareReport(ways, emptyBytes, identical));
  return identical;
}

/** Everything that must not depend on how history is stored. */
function fingerprint({ result, rowsDigest }: MeasuredRun): string {
  return JSON.stringify([result.strategy, result.rows, result.symbols, result.skipped, rowsDigest]);
}

/**
 * Runs this command again with other flags. Its messages go to our stderr; a failure that it has reported becomes
 * ours.
 */
function runChild(name: string, flags: readonly string[]): Promise<MeasuredRun> {
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
    child.on('close', (code, killedBy) => {
      signal.removeEventListener('abort', stop);
      if (signal.aborted) reject(signal.reason);
      else if (code === 0) resolve(JSON.parse(Buffer.concat(out).toString('utf8')) as MeasuredRun);
      else if (code !== null) reject(new ChildFailure(code));
      else reject(new AtcError('WORKER', `the run "${name}" was ended by ${killedBy}; is there enough memory?`));
    });
  });
}
