/** After a failed sync nothing is acknowledged on the same file: the system has forgotten what is not on the disk. */
import { startChild } from './child.js';
import { useWorkspace } from './workspace.js';

const workspace = useWorkspace();

test('an array and a journal whose sync failed once reject every later one', async () => {
  const child = startChild(
    (dist) => `
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      const failure = Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' });
      let isBroken = false;
      const { fsyncSync, fdatasync } = fs;
      fs.fsyncSync = (descriptor) => {
        if (isBroken) throw failure;
        fsyncSync(descriptor);
      };
      fs.fdatasync = (descriptor, done) => (isBroken ? process.nextTick(done, failure) : fdatasync(descriptor, done));
      syncBuiltinESMExports();
      const { createMemoryMappedArray } = await import(${JSON.stringify(dist)} + '/index.js');
      const { AppendLog } = await import(${JSON.stringify(dist)} + '/io/append-log.js');
      const root = ${JSON.stringify(workspace.directory)};
      const outcome = async (run) => { try { await run(); return 'resolved'; } catch (error) { return error.code; } };
      const array = await createMemoryMappedArray([1, 2, 3], root + '/a.npy');
      const log = AppendLog.openOrCreate(root + '/log');
      log.append(new Uint8Array(8));
      array.set(0, 9);
      isBroken = true;
      const first = [await outcome(() => array.flush()), await outcome(() => log.sync())];
      isBroken = false;
      const second = [await outcome(() => array.flush()), await outcome(() => log.sync())];
      console.log(JSON.stringify([first, second]));
    `,
  );
  expect(JSON.parse(await child.line())).toEqual([
    ['IO', 'IO'],
    ['IO', 'IO'],
  ]);
  expect((await child.ended).stderr).toBe('');
});
