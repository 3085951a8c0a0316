import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { ownerState, ownerToken } from '../../src/io/process-owner.js';
import { createScratchDirectory, sweepScratch } from '../../src/io/scratch.js';
import { startChild } from './child.js';
import { whileReadOnly } from './unprivileged.js';
import { useWorkspace } from './workspace.js';

const workspace = useWorkspace();
let number = 0;
const parent = () => workspace.at(`parent-${number++}`);

/** A process with one scratch directory that holds a file; prints its path and waits. */
function scratchChild(where: string, before = '', after = '') {
  return startChild(
    (dist) => `
      import { writeFileSync } from 'node:fs';
      const { createScratchDirectory } = await import(${JSON.stringify(`${dist}/io/scratch.js`)});
      ${before}
      const scratch = createScratchDirectory(${JSON.stringify(where)});
      writeFileSync(scratch.path + '/copy', 'x');
      ${after}
      console.log(scratch.path);
      setInterval(() => {}, 1000);
    `,
  );
}

describe('scratch directories', () => {
  it('are removed on dispose, and signals are listened to only while there is one', () => {
    const listeners = () => ['SIGINT', 'SIGTERM', 'SIGHUP', 'exit'].map((event) => process.listenerCount(event));
    const before = listeners();
    const where = parent();
    const first = createScratchDirectory(where);
    const second = createScratchDirectory(where);
    expect(listeners()).toEqual(before.map((count) => count + 1));
    writeFileSync(`${first.path}/copy`, 'x');
    first.dispose();
    first.dispose();
    expect(existsSync(first.path)).toBe(false);
    expect(existsSync(second.path)).toBe(true);
    second.dispose();
    expect(readdirSync(where)).toEqual([]);
    expect(listeners()).toEqual(before);
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'are removed on %s, and the process still dies by it',
    async (signal) => {
      const where = parent();
      const child = scratchChild(where);
      expect(existsSync(await child.line())).toBe(true);
      child.process.kill(signal);
      expect(await child.ended).toMatchObject({ code: null, signal });
      expect(readdirSync(where)).toEqual([]);
    },
  );

  it('a host that handles the signal itself keeps its directory until it exits, with its own code', async () => {
    const where = parent();
    const after = `process.once('SIGINT', () => setTimeout(() => {
      console.log(existsSync(scratch.path)); process.exit(7);
    }, 50));`;
    const child = scratchChild(where, `import { existsSync } from 'node:fs';`, after);
    await child.line();
    child.process.kill('SIGINT');
    expect(await child.line()).toBe('true');
    expect(await child.ended).toMatchObject({ code: 7, signal: null });
    expect(readdirSync(where)).toEqual([]);
  });

  it.each([
    ['an uncaught error', `setTimeout(() => { throw new Error('boom') }, 20);`, 1],
    ['process.exit', `setTimeout(() => process.exit(3), 20);`, 3],
  ])('are removed on %s', async (_, after, code) => {
    const where = parent();
    const child = scratchChild(where, '', after);
    await child.line();
    expect(await child.ended).toMatchObject({ code });
    expect(readdirSync(where)).toEqual([]);
  });

  it('of a killed process are swept by the next one; those of a living one are not', async () => {
    const where = parent();
    const killed = scratchChild(where);
    const living = scratchChild(where);
    const left = await killed.line();
    const kept = await living.line();
    killed.process.kill('SIGKILL');
    await killed.ended;
    expect(existsSync(`${left}/copy`)).toBe(true);
    const own = createScratchDirectory(where);
    expect(sweepScratch(where)).toEqual([left]);
    expect(readdirSync(where).sort()).toEqual([kept, own.path].map((full) => full.slice(where.length + 1)).sort());
    own.dispose();
    living.process.kill('SIGINT');
    await living.ended;
  });

  it('of a reused pid are swept: the start time shows it', () => {
    const where = parent();
    const [pid, start, space] = ownerToken().split('-');
    if (start === '0') return console.warn('no /proc here: a reused pid cannot be told');
    const reused = `${pid}-${Number(start) - 1}-${space}`;
    expect(ownerState(ownerToken())).toBe('alive');
    expect(ownerState(reused)).toBe('dead');
    mkdirSync(`${where}/scratch.${reused}.00000000/deep`, { recursive: true });
    mkdirSync(`${where}/scratch.${ownerToken()}.00000000`);
    expect(sweepScratch(where)).toEqual([`${where}/scratch.${reused}.00000000`]);
  });

  it('of a process that has ended but was never waited for are swept: it will not return', async () => {
    const [, start, space] = ownerToken().split('-');
    if (start === '0') return console.warn('no /proc here: who has ended cannot be told');
    const where = parent();
    // The shell becomes a program that does not know of its child, as the first process of a container often is.
    const script = `"$0" -e "setTimeout(() => {}, 300)" & echo $!; exec tail -f /dev/null`;
    const shell = spawn('sh', ['-c', script, process.execPath], { stdio: ['pipe', 'pipe', 'ignore'] });
    try {
      const pid = await new Promise<string>((resolve) =>
        shell.stdout.once('data', (text) => resolve(`${text}`.trim())),
      );
      const fields = () => readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
      const left = `${where}/scratch.${pid}-${fields()[19]}-${space}.00000001`;
      mkdirSync(left, { recursive: true });
      expect(sweepScratch(where)).toEqual([]);
      while (fields()[0] !== 'Z') await new Promise((resolve) => setTimeout(resolve, 5));
      expect(sweepScratch(where)).toEqual([left]);
    } finally {
      shell.kill('SIGKILL');
    }
  });

  it('of another host or container stay for a day, foreign names for ever', () => {
    const where = parent();
    const foreign = `${where}/scratch.1-1-${ownerToken().endsWith('00000000') ? '1' : '0'}0000000.00000000`;
    mkdirSync(foreign, { recursive: true });
    mkdirSync(`${where}/scratch.of-mine`);
    expect(ownerState('1-1-0000000')).toBe('unknown');
    expect(sweepScratch(where)).toEqual([]);
    const dayBefore = Date.now() / 1000 - 25 * 3600;
    utimesSync(foreign, dayBefore, dayBefore);
    utimesSync(`${where}/scratch.of-mine`, dayBefore, dayBefore);
    expect(sweepScratch(where)).toEqual([foreign]);
    expect(readdirSync(where)).toEqual(['scratch.of-mine']);
  });

  it('that this process may not remove are left, and stop no other process', async () => {
    const where = parent();
    const dead = ownerToken().replace(/-(\d+)-/, '-1-');
    mkdirSync(`${where}/scratch.${dead}.00000000`, { recursive: true });
    writeFileSync(`${where}/scratch.${dead}.00000000/copy`, '');
    expect(await whileReadOnly(where, async () => sweepScratch(where))).toEqual([]);
    expect(sweepScratch(where)).toEqual([`${where}/scratch.${dead}.00000000`]);
  });

  it('sweeping a directory that is not there does nothing', () => {
    expect(sweepScratch(parent())).toEqual([]);
  });
});
