/**
 * The published package in processes of its own: two copies together, and what an import loads. `npm test` builds it
 * first.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.join(import.meta.dirname, '../..');
const isBuilt = existsSync(path.join(root, 'dist/esm/index.js')) && existsSync(path.join(root, 'dist/cjs/index.js'));
if (!isBuilt) console.warn('dist is missing: the tests of the built package are left out; run npm run build');

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-copies-'));
  if (!isBuilt) return;
  // A second install of the same package, as a nested dependency would bring it.
  for (const name of ['dist', 'package.json'])
    cpSync(path.join(root, name), path.join(folder, name), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'), 'dir');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function inProcess(script: string): unknown {
  const args = ['--input-type=module', '--eval', script];
  const env = { ...process.env, ROOT: root, COPY: folder, NODE_OPTIONS: '' };
  return JSON.parse(execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env }).trim());
}

const LOAD = `
  import { createRequire } from 'node:module';
  const require = createRequire(process.env.COPY + '/package.json');
  const { ROOT, COPY } = process.env;
  const copies = {
    esm: [await import(ROOT + '/dist/esm/index.js'), await import(ROOT + '/dist/esm/inversify.js')],
    cjs: [require(ROOT + '/dist/cjs/index.js'), require(ROOT + '/dist/cjs/inversify.js')],
    copy: [await import(COPY + '/dist/esm/index.js'), await import(COPY + '/dist/esm/inversify.js')],
  };
`;

const onlyBuilt = isBuilt ? test : test.skip;

onlyBuilt(
  'ESM, CommonJS and a second install know each other by marks, wrapped stores, entries, errors and events',
  () => {
    const answers = inProcess(`${LOAD}
    const names = Object.keys(copies);
    const rows = Array.from({ length: 200 }, (_, i) => ({ timestamp: i * 60000, close: i / 4 }));
    const out = [];
    for (const a of names) for (const b of names) {
      const [one] = copies[a];
      const [two, di] = copies[b];
      class Cache { entries = new Map(); get(k) { return this.entries.get(k); } set(k, v) { this.entries.set(k, v); } }
      one.Compressed({ id: 'Cache' })(Cache);
      const store = two.applyFeatures(new Cache(), { useCompression: true });
      const { get } = store;
      const events = [];
      const stop = one.onMemoryEvent('write', (event) => events.push(event.key));
      store.set('a', rows);
      stop();
      const bare = new Cache();
      bare.entries = store.entries;
      const other = one.withCompression(bare, { mode: 'read' });
      let error;
      try { two.decodeValue(new Uint8Array(3)); } catch (thrown) { error = thrown; }
      out.push({
        pair: a + ' ' + b,
        marked: two.isCompressed(store),
        knownByOther: one.isCompressed(store),
        wrappedOnce: one.withCompression(store).get === get,
        entry: String(store.entries.get('a')).slice(0, 11),
        read: JSON.stringify(other.get('a')) === JSON.stringify(rows),
        value: JSON.stringify(one.decodeValue(two.encodeValue(rows))) === JSON.stringify(rows),
        error: one.isAtcError(error, 'CORRUPT') && error instanceof one.AtcError,
        events: events.join(),
      });
    }
    console.log(JSON.stringify(out));
  `) as Record<string, unknown>[];
    expect(answers).toHaveLength(9);
    for (const { pair, ...answer } of answers) {
      expect({ pair, ...answer }).toEqual({
        pair,
        marked: true,
        knownByOther: true,
        wrappedOnce: true,
        entry: 'atc-memory:',
        read: true,
        value: true,
        error: true,
        events: 'a',
      });
    }
  },
);

/** Whatever the package may load; an import needs none of it. */
const { dependencies, optionalDependencies, devDependencies, peerDependencies } = JSON.parse(
  readFileSync(path.join(root, 'package.json'), 'utf8'),
);
const PACKAGES = [dependencies, optionalDependencies, devDependencies, peerDependencies].flatMap(Object.keys);

onlyBuilt.each(['esm', 'cjs', 'copy'])(
  'importing %s, and using it with everything off, loads nothing heavy or native',
  (which) => {
    const { loaded, natives, files, builtins } = inProcess(`
    import { createRequire } from 'node:module';
    import { readdirSync } from 'node:fs';
    const require = createRequire(process.env.COPY + '/package.json');
    const before = readdirSync(process.env.COPY).length;
    const builtinsBefore = new Set(process.moduleLoadList);
    const base = '${which}' === 'copy' ? process.env.COPY : process.env.ROOT;
    const format = '${which}' === 'cjs' ? 'cjs' : 'esm';
    const load = (file) => format === 'cjs' ? require(base + file) : import(base + file);
    const atc = await load('/dist/' + format + '/index.js');
    await load('/dist/' + format + '/inversify.js');
    const store = { get() {}, set() {} };
    if (atc.withCompression(store, { mode: false }) !== store) throw new Error('another object');
    if (atc.withMemoryMapping(store, { service: 's', mode: false }) !== store) throw new Error('another object');
    const names = Object.keys(require.cache).map((file) => file.split('node_modules/').pop().split('/')[0]);
    const shared = process.report.getReport().sharedObjects.filter((file) => file.endsWith('.node'));
    const files = readdirSync(process.env.COPY).length - before;
    const builtins = process.moduleLoadList.filter((name) => !builtinsBefore.has(name));
    console.log(JSON.stringify({ loaded: [...new Set(names)], natives: shared, files, builtins }));
  `) as { loaded: string[]; natives: string[]; files: number; builtins: string[] };
    expect(natives).toEqual([]);
    expect(files).toBe(0);
    expect(loaded.filter((name) => PACKAGES.includes(name))).toEqual([]);
    expect(builtins.length).toBeGreaterThan(0);
    expect(
      builtins.filter((name) => /^NativeModule (crypto|zlib|worker_threads|child_process|net)$/.test(name)),
    ).toEqual([]);
  },
);

/** Every module that `run` loads in a process of its own, as Node's loader saw them. */
function modulesLoadedBy(run: string): string[] {
  const hooks = `
    let port;
    export const initialize = (data) => { port = data.port; };
    export const load = (url, context, next) => { port.postMessage(url); return next(url, context); };
  `;
  return inProcess(`
    import { createRequire, register } from 'node:module';
    import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
    const { port1, port2 } = new MessageChannel();
    const hooks = 'data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)});
    register(hooks, { data: { port: port2 }, transferList: [port2] });
    const require = createRequire(process.env.COPY + '/package.json');
    const { write } = process.stdout;
    process.stdout.write = () => true;
    ${run}
    process.stdout.write = write;
    const urls = Object.keys(require.cache).map((file) => 'file://' + file);
    for (let message; (message = receiveMessageOnPort(port1)); ) urls.push(message.message);
    port1.close();
    console.log(JSON.stringify(urls.filter((url) => url.startsWith('file://'))));
  `) as string[];
}

const ownFiles = (urls: readonly string[]) =>
  urls
    .filter((url) => url.includes('/dist/') && !url.includes('/node_modules/'))
    .map((url) => path.basename(url))
    .sort();
const packages = (urls: readonly string[]) => [
  ...new Set(
    urls.filter((url) => url.includes('/node_modules/')).map((url) => url.split('/node_modules/').pop()?.split('/')[0]),
  ),
];

/** Most bytes of JavaScript that an import reads and scans; a fifth of it is the kernels as text. */
const MOST_BYTES = 600_000;

describe('an import costs a few files', () => {
  onlyBuilt.each([
    ['esm', "await import(process.env.ROOT + '/dist/esm/index.js');"],
    ['cjs', "require(process.env.ROOT + '/dist/cjs/index.js');"],
  ])('%s: the entry point and what it shares, and no package', (format, run) => {
    const urls = modulesLoadedBy(run);
    expect(ownFiles(urls)).toEqual(
      format === 'esm' ? ['base.js', 'core.js', 'index.js', 'reading.js'] : ['core.js', 'index.js', 'reading.js'],
    );
    expect(packages(urls)).toEqual([]);
    const contents = urls.map((url) => readFileSync(new URL(url)));
    expect(contents.reduce((sum, { length }) => sum + length, 0)).toBeLessThan(MOST_BYTES);
    // One character beyond Latin-1 doubles what the engine holds and scans.
    expect(contents.every((bytes) => bytes.every((byte) => byte < 0x80))).toBe(true);
  });

  onlyBuilt(
    'reading a dataset by its own entry point loads half of that, and neither crypto nor zlib; a change loads the rest',
    () => {
      const directory = mkdtempSync(path.join(tmpdir(), 'atc-read-'));
      const set = JSON.stringify(path.join(directory, 'set'));
      inProcess(`
      const { writeDataset } = await import(process.env.ROOT + '/dist/esm/index.js');
      const columns = { timestamp: Float64Array.of(0, 60000), close: Float64Array.of(1, 2) };
      await writeDataset(${set}, { symbol: 'A', columns });
      console.log('0');
    `);
      const reading = `
      const { openDataset } = await import(process.env.ROOT + '/dist/esm/dataset.js');
      const dataset = await openDataset(${set});
      const [first, second] = dataset.table('A').range(0, 120000).column('close');
      if (first !== 1 || second !== 2) throw new Error('wrong closes');
    `;
      const urls = modulesLoadedBy(reading);
      const adding = modulesLoadedBy(`${reading}
      await dataset.append('A', [{ timestamp: 120000, close: 3 }]);
      if (dataset.table('A').column('close')[2] !== 3) throw new Error('not appended');
    `);
      const builtins = inProcess(`
      const before = new Set(process.moduleLoadList);
      ${reading}
      console.log(JSON.stringify(process.moduleLoadList.filter((name) => !before.has(name))));
    `) as string[];
      rmSync(directory, { recursive: true });
      expect(ownFiles(urls)).toEqual(['base.js', 'dataset.js', 'reading.js']);
      expect(packages(urls)).toEqual([]);
      const bytes = urls.reduce((sum, url) => sum + readFileSync(new URL(url)).length, 0);
      // Kernels are 126 kB of it, inflate of the package's own 4 kB, what finds a version (asOf) 7 kB.
      expect(bytes).toBeLessThan(264_000);
      expect(builtins.filter((name) => /^NativeModule (crypto|zlib|worker_threads)$/.test(name))).toEqual([]);
      expect(ownFiles(adding)).toContain('core.js');
    },
  );

  onlyBuilt('the other entry points add one file each, and what they alone need', () => {
    const urls = modulesLoadedBy(`
      for (const name of ['index', 'inversify', 'atc']) await import(process.env.ROOT + '/dist/esm/' + name + '.js');
    `);
    // Of the 12, atc brings its entry point, options, parameters, strategy, cached strategy, the strategy of sweeps and
    // what both strategies share.
    expect(ownFiles(urls).length).toBeLessThanOrEqual(12);
    expect(packages(urls)).toEqual([]);
  });

  onlyBuilt('atc --version does not load what commands need', () => {
    const urls = modulesLoadedBy(`
      process.argv.splice(1, 9, 'atc', '--version');
      await import(process.env.ROOT + '/dist/esm/cli.js');
    `);
    expect(ownFiles(urls)).not.toContain('core.js');
    expect(packages(urls)).toEqual(['commander']);
  });
});

describe('an uncaught error', () => {
  /** Longer lines are one statement each, or a literal. */
  const MOST_STDERR_BYTES = 3000;
  const programs = {
    esm: ['--input-type=module', '--eval', "import { openDataset } from 'atc-memory'; await openDataset('nope');"],
    cjs: ['--input-type=commonjs', '--eval', "require('atc-memory').compressPrices([1, 2, 3]);"],
  };
  const messages = { esm: 'nope is not a dataset', cjs: 'must be a typed array' };

  onlyBuilt.each(['esm', 'cjs'] as const)('%s: prints a short line of code, and the message arrives', (format) => {
    const { stderr, status } = spawnSync(process.execPath, programs[format], { cwd: root, encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain(messages[format]);
    expect(stderr.length).toBeLessThan(MOST_STDERR_BYTES);
  });
});
