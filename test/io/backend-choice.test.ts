/** Which backend `auto` takes, what is reported when none maps, and that nothing native is loaded before it is used. */
import { FALLBACK_WARNING } from '../../src/io/select-backend.js';
import { startChild } from './child.js';

/** Hides packages from require, as if they were not installed. */
const hide = (...names: string[]) => `
  import Module from 'node:module';
  const resolve = Module._resolveFilename;
  Module._resolveFilename = function (id, ...rest) {
    if (${JSON.stringify(names)}.includes(id))
      throw Object.assign(new Error('Cannot find module ' + id), { code: 'MODULE_NOT_FOUND' });
    return resolve.call(this, id, ...rest);
  };`;
const loadedNative = `
  const native = () => process.report.getReport().sharedObjects.filter((name) => name.endsWith('.node')).length;`;

/** Runs a script and returns its one line of JSON and its warnings. */
async function run(before: string, body: string): Promise<{ result: unknown; stderr: string }> {
  const child = startChild(
    (dist) => `
      ${before}
      ${loadedNative}
      const atc = await import(${JSON.stringify(`${dist}/index.js`)});
      const io = await import(${JSON.stringify(`${dist}/io/select-backend.js`)});
      const path = process.execPath;
      console.log(JSON.stringify(await (async () => { ${body} })()));
    `,
  );
  const result = JSON.parse(await child.line());
  const { code, stderr } = await child.ended;
  expect(code).toBe(0);
  return { result, stderr };
}

const failure = `(run) => { try { run(); } catch (error) { return [error.code, error.message]; } }`;

describe('choice of the backend', () => {
  it('importing the package and reading by auto load nothing native; a view loads one module at most', async () => {
    const { result } = await run(
      '',
      `const before = native();
       const file = io.openMapped(path, 'r');
       file.readInto(0, new Uint8Array(100));
       const read = native();
       file.window(0, 100);
       return [before, read, native()];`,
    );
    const [before, read, after] = result as [number, number, number];
    expect([before, read]).toEqual([0, 0]);
    expect(after).toBeLessThanOrEqual(1);
    if (after === 0) console.warn('no native mapping module can be loaded here');
  });

  it('without native modules auto reads, and warns once', async () => {
    const { result, stderr } = await run(
      hide('mmap-io', 'koffi'),
      `const names = [io.selectBackend().name, io.openMapped(path, 'r').backend, io.selectBackend('auto').name];
       const file = process.env.TMPDIR ? process.env.TMPDIR + '/a.npy' : '/tmp/atc-choice-' + process.pid + '.npy';
       const array = await atc.createMemoryMappedArray([1, 2, 3], file);
       names.push(array.backend, array.at(-1));
       (await import('node:fs')).rmSync(array.path);
       return names;`,
    );
    expect(result).toEqual(['read', 'read', 'read', 'read', 3]);
    expect(stderr.match(new RegExp(FALLBACK_WARNING, 'g'))).toHaveLength(1);
    expect(stderr).toContain('files are read instead');
  });

  it('a forced backend that is missing is UNSUPPORTED with advice; read never warns', async () => {
    const { result, stderr } = await run(
      hide('mmap-io', 'koffi'),
      `const failure = ${failure};
       io.selectBackend('read');
       return [failure(() => io.selectBackend('mmap-io')), failure(() => io.openMapped(path, 'r', 'koffi')),
         failure(() => io.selectBackend('x'))];`,
    );
    const [first, second, third] = result as [string, string][];
    expect([first[0], second[0], third[0]]).toEqual(['UNSUPPORTED', 'UNSUPPORTED', 'ARGUMENT']);
    expect(first[1]).toContain('npm install mmap-io@npm:@riaskov/mmap-io@~1.4.3');
    expect(second[1]).toContain('npm install koffi');
    expect(stderr).toBe('');
  });

  it.each([
    ['mmap-io', 'koffi'],
    ['koffi', 'mmap-io'],
  ])('without %s auto takes another one', async (hidden, other) => {
    const { result } = await run(hide(hidden), `return [io.selectBackend().name, io.listBackends()];`);
    const [name, list] = result as [string, { name: string; available: boolean; reason?: string }[]];
    expect(list.find((backend) => backend.name === hidden)).toMatchObject({ available: false });
    const rest = list.find((backend) => backend.name === other);
    if (rest?.available) return expect(name).toBe(other);
    console.warn(`${other} is not available here: ${rest?.reason}`);
    return expect(name).toBe('read');
  });
});

describe('a koffi map', () => {
  it('is unmapped when it is closed and its last view is collected, not before', async () => {
    const child = startChild(
      (dist) => `
        import fs from 'node:fs';
        const { selectBackend, listBackends } = await import(${JSON.stringify(`${dist}/io/select-backend.js`)});
        const path = process.argv[1] ?? process.execPath;
        const maps = () => fs.readFileSync('/proc/self/maps', 'utf8').split('\\n')
          .filter((line) => line.includes('r--s') && line.endsWith(fs.realpathSync(path))).length;
        const koffi = listBackends().find(({ name }) => name === 'koffi');
        if (!koffi.available || !fs.existsSync('/proc/self/maps')) {
          console.log('unavailable');
        } else {
          const collect = async () => {
            for (let i = 0; i < 5; i++) { globalThis.gc(); await new Promise((resolve) => setTimeout(resolve, 10)); }
          };
          const counts = [maps()];
          let file = selectBackend('koffi').open(path, 'r');
          counts.push(maps());
          let view = file.window(0, 4096);
          const first = view[0];
          file.close();
          await collect();
          counts.push(maps(), view[0] === first ? 1 : 0);
          view = undefined;
          await collect();
          counts.push(maps());
          file = selectBackend('koffi').open(path, 'r');
          file.window(0, 10);
          file = undefined;
          await collect();
          await collect();
          counts.push(maps());
          console.log(counts.join());
        }
      `,
      { args: ['--expose-gc'] },
    );
    const line = await child.line();
    if (line === 'unavailable') return console.warn('koffi or /proc is missing here: unmapping is not tested');
    return expect(line).toBe('0,1,1,1,0,0');
  });
});
