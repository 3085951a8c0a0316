/**
 * What holds between processes, and when one is killed. `ATC_KILL_ROUNDS=200` kills that often; a dozen times is the
 * default.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { Generations } from '../../src/cache-directory/generations.js';
import { sweepTemporaries } from '../../src/io/temporary.js';
import { startChild } from './child.js';
import { useWorkspace } from './workspace.js';

const workspace = useWorkspace();
const KILL_ROUNDS = Number(process.env.ATC_KILL_ROUNDS ?? 12);
const quote = (text: string) => JSON.stringify(text);

/** Runs the same script in several processes at once and returns their lines of JSON. */
async function together(count: number, script: (dist: string, index: number) => string): Promise<unknown[]> {
  const children = Array.from({ length: count }, (_, index) => startChild((dist) => script(dist, index)));
  return Promise.all(
    children.map(async (child) => {
      const line = await child.line();
      const { code, stderr } = await child.ended;
      expect([code, stderr]).toEqual([0, '']);
      return JSON.parse(line);
    }),
  );
}

it('a lock lets one process in at a time', async () => {
  const directory = workspace.at('lock');
  mkdirSync(directory);
  writeFileSync(`${directory}/counter`, '0');
  const inside = await together(
    5,
    (dist) => `
      import fs from 'node:fs';
      const { acquireLock } = await import(${quote(`${dist}/io/process-lock.js`)});
      const counter = ${quote(`${directory}/counter`)};
      let others = 0;
      for (let i = 0; i < 20; i++) {
        const lock = await acquireLock(${quote(directory)}, 'count');
        try { fs.mkdirSync(${quote(`${directory}/inside`)}); } catch { others += 1; }
        const before = Number(fs.readFileSync(counter, 'utf8'));
        await new Promise((resolve) => setTimeout(resolve, 1));
        fs.writeFileSync(counter, String(before + 1));
        fs.rmSync(${quote(`${directory}/inside`)}, { recursive: true, force: true });
        lock.release();
      }
      console.log(others);
    `,
  );
  expect(inside).toEqual([0, 0, 0, 0, 0]);
  expect(readFileSync(`${directory}/counter`, 'utf8')).toBe('100');
});

const builder = (dist: string, directory: string, delayMs: number, done = '') => `
  import fs from 'node:fs';
  const { Generations } = await import(${quote(`${dist}/cache-directory/generations.js`)});
  const generations = new Generations(${quote(directory)});
  const lease = await generations.obtain({
    async build(target) {
      fs.appendFileSync(${quote(`${directory}.builds`)}, process.pid + '\\n');
      fs.writeFileSync(target + '/a', String(process.pid));
      console.error = () => {};
      ${done}
      await new Promise((resolve) => setTimeout(resolve, ${delayMs}));
      fs.writeFileSync(target + '/b', String(process.pid));
    },
  });
  const read = (name) => fs.readFileSync(lease.path + '/' + name, 'utf8');
  console.log(JSON.stringify([lease.generation, read('a'), read('b')]));
`;

it('several processes build the same thing: one does, all read it', async () => {
  const directory = workspace.at('single-flight');
  const seen = (await together(5, (dist) => builder(dist, directory, 150))) as [number, string, string][];
  const builds = readFileSync(`${directory}.builds`, 'utf8').trim().split('\n');
  expect(builds).toHaveLength(1);
  for (const line of seen) expect(line).toEqual([1, builds[0], builds[0]]);
});

it('a builder that is killed is replaced by one that waits, and leaves nothing half', async () => {
  const directory = workspace.at('killed-builder');
  const first = startChild((dist) => builder(dist, directory, 60_000, `console.log('building');`));
  expect(await first.line()).toBe('building');
  const waiting = startChild((dist) => builder(dist, directory, 10));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(existsSync(`${directory}/current`)).toBe(false);
  first.process.kill('SIGKILL');
  const { pid } = waiting.process;
  expect(JSON.parse(await waiting.line())).toEqual([1, String(pid), String(pid)]);
  await waiting.ended;
  const lease = new Generations(directory).acquire();
  lease?.release();
  expect(readdirSync(directory).filter((name) => name !== 'current' && name !== 'g1')).toEqual(
    readdirSync(directory).filter((name) => name.startsWith('.build.') || name.startsWith('lease.')),
  );
});

it('readers never lose their generation while a writer replaces it', async () => {
  const directory = workspace.at('replaced');
  mkdirSync(directory);
  const [writer, ...readers] = (await together(
    4,
    (dist, index) => `
      import fs from 'node:fs';
      const { Generations } = await import(${quote(`${dist}/cache-directory/generations.js`)});
      const generations = new Generations(${quote(directory)});
      const stop = ${quote(`${directory}.stop`)};
      const failures = [];
      let rounds = 0;
      if (${index} === 0) {
        for (; rounds < 150; rounds++) {
          const lease = await generations.replace({
            durability: 'process',
            build(target) {
              for (const name of ['a', 'b', 'c']) fs.writeFileSync(target + '/' + name, String(rounds));
            },
          });
          lease.release();
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
        fs.writeFileSync(stop, '');
      } else {
        for (; !fs.existsSync(stop); rounds++) {
          const lease = generations.acquire();
          if (lease === undefined) { await new Promise((resolve) => setTimeout(resolve, 1)); continue; }
          try {
            const seen = [];
            for (const name of ['a', 'b', 'c']) {
              seen.push(fs.readFileSync(lease.path + '/' + name, 'utf8'));
              await new Promise((resolve) => setTimeout(resolve, 1));
            }
            if (new Set(seen).size !== 1) failures.push(seen);
          } catch (error) { failures.push(String(error)); }
          lease.release();
        }
      }
      console.log(JSON.stringify({ rounds, failures }));
    `,
  )) as { rounds: number; failures: unknown[] }[];
  expect(writer).toEqual({ rounds: 150, failures: [] });
  for (const reader of readers) {
    expect(reader.failures).toEqual([]);
    expect(reader.rounds).toBeGreaterThan(10);
  }
  const generations = new Generations(directory);
  generations.collect();
  expect(readdirSync(directory).sort()).toEqual(['current', 'g150']);
});

it('the lease of a killed reader does not keep a generation', async () => {
  const directory = workspace.at('killed-reader');
  const generations = new Generations(directory);
  const build = (target: string) => writeFileSync(`${target}/a`, '');
  (await generations.obtain({ build })).release();
  const reader = startChild(
    (dist) => `
      const { Generations } = await import(${quote(`${dist}/cache-directory/generations.js`)});
      console.log(new Generations(${quote(directory)}).acquire().generation);
      setInterval(() => {}, 1000);
    `,
  );
  expect(await reader.line()).toBe('1');
  (await generations.replace({ build })).release();
  expect(readdirSync(directory)).toContain('g1');
  reader.process.kill('SIGKILL');
  await reader.ended;
  expect(generations.collect()).toEqual([1]);
  expect(readdirSync(directory).sort()).toEqual(['current', 'g2']);
});

it(`a killed writer leaves whole files, and everything that it acknowledged (${KILL_ROUNDS} kills)`, async () => {
  const directory = workspace.at('killed-writer');
  mkdirSync(directory);
  let acknowledged = -1;
  for (let round = 0; round < KILL_ROUNDS; round++) {
    // Each round goes on from the last acknowledged number, and is killed at a random moment.
    const child = startChild(
      (dist) => `
        import fs from 'node:fs';
        const { writeFileAtomic, writeFileAtomicSync } = await import(${quote(`${dist}/io/atomic-file.js`)});
        const { createMemoryMappedArray } = await import(${quote(`${dist}/index.js`)});
        const { Generations } = await import(${quote(`${dist}/cache-directory/generations.js`)});
        const generations = new Generations(${quote(`${directory}/generations`)});
        for (let i = ${acknowledged + 1}; ; i++) {
          const bytes = new Uint8Array(1_000_000).fill(i);
          writeFileAtomicSync(${quote(`${directory}/sync`)}, bytes, { durability: 'process' });
          await writeFileAtomic(${quote(`${directory}/async`)}, bytes, { durability: 'process' });
          const file = ${quote(`${directory}/array.npy`)};
          (await createMemoryMappedArray(bytes, file, { dtype: 'uint8', durability: 'process' })).close();
          const build = (target) => { for (const name of ['a', 'b']) fs.writeFileSync(target + '/' + name, bytes); };
          (await generations.replace({ durability: 'process', build })).release();
          console.log(i);
        }
      `,
    );
    let last = acknowledged;
    const reading = (async () => {
      for (;;) last = Number(await child.line());
    })().catch(() => undefined);
    while (last === acknowledged) await new Promise((resolve) => setTimeout(resolve, 1));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
    child.process.kill('SIGKILL');
    expect((await child.ended).signal).toBe('SIGKILL');
    await reading;
    acknowledged = last;
    const whole = (bytes: Uint8Array) => {
      expect(bytes.byteLength).toBe(1_000_000);
      // The kill may have come after the rename and before the line: one more than acknowledged is right too.
      const value = bytes[0];
      expect([acknowledged & 0xff, (acknowledged + 1) & 0xff]).toContain(value);
      expect(Buffer.from(bytes).equals(Buffer.alloc(1_000_000, value))).toBe(true);
    };
    whole(readFileSync(`${directory}/sync`));
    whole(readFileSync(`${directory}/async`));
    whole(readFileSync(`${directory}/array.npy`).subarray(128));
    const lease = new Generations(`${directory}/generations`).acquire();
    whole(readFileSync(`${lease?.path}/a`));
    expect(readFileSync(`${lease?.path}/a`).equals(readFileSync(`${lease?.path}/b`))).toBe(true);
    lease?.release();
  }
  sweepTemporaries(directory);
  const generations = new Generations(`${directory}/generations`);
  generations.collect();
  expect(readdirSync(directory).sort()).toEqual(['array.npy', 'async', 'generations', 'sync']);
  expect(readdirSync(generations.directory).filter((name) => !name.startsWith('.')).length).toBeLessThanOrEqual(3);
}, 600_000);
