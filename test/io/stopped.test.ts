/**
 * A writer that stands still (SIGSTOP, a frozen container) inside its lock, and goes on later: in the same container it
 * is waited for; in another one it is taken for dead after a while, and then its change is refused, not half made.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { openDataset, writeDataset } from 'atc-memory';
import { useWorkspace } from './workspace.js';

const workspace = useWorkspace();
const dist = path.resolve('dist/esm/src');
const bars = (from: number, count: number) =>
  Array.from({ length: count }, (_, k) => ({ timestamp: (from + k) * 60_000, close: from + k }));

/** Appends two rows, and prints a line while it has the lock and one when it is done. */
const program = (directory: string, from: number) => `
  const { openDataset } = await import(${JSON.stringify(`${dist}/index.js`)});
  async function* rows() {
    yield { timestamp: ${from} * 60000, close: ${from} };
    console.log('inside');
    await new Promise((resolve) => setTimeout(resolve, 500));
    yield { timestamp: ${from + 1} * 60000, close: ${from + 1} };
  }
  const dataset = await openDataset(${JSON.stringify(directory)});
  try {
    await dataset.append('A', rows());
    console.log('done');
  } catch (error) {
    console.log(error.name + ' ' + error.code + ' ' + error.applied);
  }
  dataset.close();
`;

function start(
  command: string,
  args: readonly string[],
): { child: ChildProcess; line: (wanted: RegExp) => Promise<string> } {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout?.on('data', (bytes) => (text += bytes));
  const line = async (wanted: RegExp) => {
    for (;;) {
      const found = text.split('\n').find((one) => wanted.test(one));
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  return { child, line };
}

async function closesOf(directory: string): Promise<number[]> {
  const dataset = await openDataset(directory);
  const closes = [...dataset.table('A').column('close')].map(Number);
  dataset.close();
  return closes;
}

async function begin(name: string): Promise<string> {
  const directory = workspace.at(name);
  (
    await writeDataset(directory, {
      symbol: 'A',
      columns: { timestamp: Float64Array.of(0), close: Float64Array.of(0) },
    })
  ).close();
  return directory;
}

const stop = (pid: number) => process.kill(pid, 'SIGSTOP');
const go = (pid: number) => process.kill(pid, 'SIGCONT');

test('a writer of this container that stands still is waited for', async () => {
  const directory = await begin('same');
  const { child, line } = start(process.execPath, ['--input-type=module', '-e', program(directory, 1)]);
  await line(/inside/);
  stop(child.pid as number);
  const dataset = await openDataset(directory);
  let isDone = false;
  const ours = dataset.append('A', bars(3, 2)).finally(() => (isDone = true));
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(isDone).toBe(false);
  go(child.pid as number);
  expect(await line(/done|Error/)).toBe('done');
  await ours;
  dataset.close();
  expect(await closesOf(directory)).toEqual([0, 1, 2, 3, 4]);
});

/** A process in a pid namespace of its own is what one of another container is. */
const apart = ['--pid', '--fork', '--kill-child', '--mount-proc'];
const reason =
  existsSync('/proc/self/ns/pid') && spawnSync('unshare', [...apart, 'true']).status === 0
    ? undefined
    : 'it is not permitted';
if (reason !== undefined) console.info(`a writer in another pid namespace is not tested here: ${reason}`);

(reason === undefined ? test : test.skip)(
  'a writer of another container that stood still for long does not change what was taken over',
  async () => {
    const directory = await begin('other');
    const { child, line } = start('unshare', [
      ...apart,
      process.execPath,
      '--input-type=module',
      '-e',
      program(directory, 1),
    ]);
    await line(/inside/);
    const pid = Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim());
    stop(pid);
    const dataset = await openDataset(directory);
    await dataset.append('A', bars(3, 2));
    dataset.close();
    go(pid);
    expect(await line(/done|Error/)).toBe('AtcError IO undefined');
    expect(await closesOf(directory)).toEqual([0, 3, 4]);
  },
);
