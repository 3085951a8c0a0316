/** A change of an entry that has happened although a later step failed says so in its error. */
import { startChild } from '../io/child.js';
import { useWorkspace } from '../io/workspace.js';

const workspace = useWorkspace();

/** `before` prepares the cache; from then on looking at names that contain `refused` fails. */
async function outcomeOf(before: string, refused: string, action: string): Promise<Record<string, unknown>> {
  const child = startChild(
    (dist) => `
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      let isBroken = false;
      for (const name of ['lstatSync', 'fsyncSync']) {
        const original = fs[name];
        fs[name] = (target, ...rest) => {
          const refused = ${JSON.stringify(refused)};
          const isRefused = name === 'fsyncSync' ? refused === 'sync' : String(target).includes(refused);
          if (isBroken && isRefused) throw Object.assign(new Error('EIO: i/o error'), { code: 'EIO' });
          return original(target, ...rest);
        };
      }
      syncBuiltinESMExports();
      const { EntryDirectory } = await import(${JSON.stringify(dist)} + '/index.js');
      const directory = ${JSON.stringify(workspace.directory)} + '/cache';
      const durability = ${JSON.stringify(refused)} === 'sync' ? 'power' : 'process';
      const cache = new EntryDirectory({ directory, durability });
      ${before}
      isBroken = true;
      let error;
      try { ${action} } catch (thrown) { error = thrown; }
      isBroken = false;
      const there = (await new EntryDirectory({ directory }).get('k'))?.value;
      console.log(JSON.stringify({ code: error?.code, applied: error?.applied, there }));
    `,
  );
  const line = JSON.parse(await child.line());
  expect((await child.ended).stderr).toBe('');
  return line;
}

test('a delete whose last look fails reports that it is applied', async () => {
  const found = await outcomeOf(`await cache.set('k', 1);`, '.held', `await cache.delete('k');`);
  // Looked at before anything is removed, too: then nothing has happened.
  expect([
    { code: 'IO', applied: true },
    { code: 'IO', there: 1 },
  ]).toContainEqual(found);
});

test('a delete whose look fails after the file has been removed reports that it is applied', async () => {
  const before = `
    await cache.set('k', 1);
    const unlink = fs.promises.unlink;
    let isRemoved = false;
    fs.promises.unlink = async (target) => { await unlink(target); isRemoved = true; };
    const lstat = fs.lstatSync;
    fs.lstatSync = (target, ...rest) => {
      if (isRemoved && isBroken && String(target).endsWith('.held'))
        throw Object.assign(new Error('EIO'), { code: 'EIO' });
      return lstat(target, ...rest);
    };
    syncBuiltinESMExports();`;
  const found = await outcomeOf(before, 'nothing is called so', `await cache.delete('k');`);
  expect(found).toEqual({ code: 'IO', applied: true });
});

test('a set whose directory cannot be synced reports that it is applied, or has not happened', async () => {
  const found = await outcomeOf(`await cache.set('k', 1);`, 'sync', `await cache.set('k', 2);`);
  expect([
    { code: 'IO', there: 1 },
    { code: 'IO', applied: true, there: 2 },
  ]).toContainEqual(found);
});
