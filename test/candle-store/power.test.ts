/**
 * `durability: 'power'`: which files are synced before what, seen from outside by strace, and what a failed sync means.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { useWorkspace } from '../io/workspace.js';

const { at, file } = useWorkspace();
const DIST = path.resolve('dist/esm/src/index.js');
const hasStrace = spawnSync('strace', ['-V']).status === 0;
if (!hasStrace) console.warn('the order of syncs is not tested here: strace is missing (apt-get install strace)');
const traced = hasStrace ? test : test.skip;
let count = 0;

/**
 * System calls of a script over the built package, in their order: `fsync PATH`, `rename PATH`, `unlink PATH`, `write
 * TEXT`.
 */
function callsOf(script: string, inject: readonly string[] = []): { calls: string[]; stderr: string } {
  const trace = at(`trace ${count}`);
  const source = file(`script ${count++}.mjs`, `const M = await import(${JSON.stringify(DIST)});\n${script}`);
  const { stderr } = spawnSync(
    'strace',
    ['-f', '-y', '-o', trace, '-e', 'trace=fsync,fdatasync,rename,unlink,write', ...inject, process.execPath, source],
    { encoding: 'utf8' },
  );
  const calls = readFileSync(trace, 'utf8')
    .split('\n')
    .flatMap((line) => {
      const sync = /f(?:data)?sync\(\d+<([^>]*)>/.exec(line);
      if (sync !== null) return [`fsync ${sync[1]}`];
      const move = /(rename|unlink)\("([^"]*)"(?:, "([^"]*)")?/.exec(line);
      if (move !== null) return [`${move[1]} ${move[3] ?? move[2]}`];
      const mark = /write\(2<[^>]*>, "(MARK[^"\\]*)/.exec(line);
      return mark === null ? [] : [mark[1]];
    });
  return { calls, stderr };
}

const SERIES = `
  import fs from 'node:fs';
  const mark = (text) => fs.writeSync(2, 'MARK ' + text + '\\n');
  const name = { exchange: 'x', symbol: 'A', interval: '1m' };
  const candle = (timestamp) => ({ timestamp, open: 1, high: 1, low: 1, close: 1, volume: 1 });
`;
const indexOf = (calls: readonly string[], ...patterns: RegExp[]) =>
  patterns.map((pattern) => calls.findIndex((call) => pattern.test(call)));

traced('flush syncs a journal that another process has sealed, and the names of all directories', () => {
  const root = at('sealed');
  const { calls } = callsOf(`${SERIES}
    const [one, other] = [0, 1].map(() =>
      M.openCandleStore(${JSON.stringify(root)}, { durability: 'power' }).series(name));
    one.write([candle(1)]);
    const { Journal } = await import(${JSON.stringify(DIST.replace('index.js', 'candle-store/journal.js'))});
    const journal = Journal.openExisting(1, one.directory + '/journal-00000001.atcj', () => undefined);
    journal.seal();
    journal.close();
    one.write([candle(2)]);
    await one.flush();
    mark('flushed');`);
  const flushed = calls.indexOf('MARK flushed');
  const before = calls.slice(0, flushed);
  for (const synced of ['journal-00000001.atcj', 'journal-00000002.atcj']) {
    expect(before).toContain(`fsync ${path.join(root, 'x/A/1m', synced)}`);
  }
  for (const directory of ['x/A/1m', 'x/A', 'x', '', '..'])
    expect(before).toContain(`fsync ${path.join(root, directory)}`);
});

traced("a store with 'process' durability syncs the segment before it deletes a journal", () => {
  const root = at('others');
  const { calls } = callsOf(`${SERIES}
    const open = (durability) => M.openCandleStore(${JSON.stringify(root)}, { durability }).series(name);
    const power = open('power');
    power.write([candle(1)]);
    await power.flush();
    mark('flushed');
    open('process').seal();`);
  const after = calls.slice(calls.indexOf('MARK flushed'));
  const [content, renamed, names, deleted] = indexOf(
    after,
    /fsync .*candles-0.*atc-tmp/,
    /rename .*candles-0/,
    /fsync .*1m$/,
    /unlink .*journal-0/,
  );
  expect(content).toBeGreaterThan(0);
  expect(renamed).toBeGreaterThan(content);
  expect(names).toBeGreaterThan(renamed);
  expect(deleted).toBeGreaterThan(names);
});

const failingOnce = ['-e', 'inject=fdatasync:error=EIO:when=1'];
const REPORT = `const flush = (label) =>
  series.flush().then(
    () => mark(label + ' resolved'), (error) => mark(label + ' ' + error.code + ' ' + error.message));`;

traced('after a sync that failed flush rejects until a write has put the rows into a new file', () => {
  const root = at('failed');
  const { calls, stderr } = callsOf(
    `${SERIES}
    const series = M.openCandleStore(${JSON.stringify(root)}, { durability: 'power' }).series(name);
    ${REPORT}
    series.write([candle(1)]);
    await flush('first');
    await flush('second');
    series.write([candle(1), candle(2)]);
    await flush('third');`,
    failingOnce,
  );
  const [first, second, content, renamed, third] = indexOf(
    calls,
    /MARK first IO/,
    /MARK second IO/,
    /fsync .*candles-0/,
    /rename .*candles-0/,
    /MARK third resolved/,
  );
  expect(first).toBeGreaterThan(0);
  expect(stderr).toMatch(/MARK second IO .*x\/A\/1m: an earlier sync failed \(.*EIO.*\).*; write again .*, then flush/);
  expect([second > first, content > second, renamed > content, third > renamed]).toEqual([true, true, true, true]);
});

traced('a store opened anew writes candles anew whose sync may have failed before, when they are written again', () => {
  const root = at('reopened');
  const { calls } = callsOf(
    `${SERIES}
    const open = () => M.openCandleStore(${JSON.stringify(root)}, { durability: 'power' }).series(name);
    let series = open();
    ${REPORT}
    series.write([candle(1)]);
    await flush('first');
    series = open();
    mark('written again ' + series.write([candle(1)]));
    await flush('second');
    mark('candles ' + series.length);`,
    failingOnce,
  );
  const [first, again, content, renamed, second, count] = indexOf(
    calls,
    /MARK first IO/,
    /MARK written again 0/,
    /fsync .*candles-0/,
    /rename .*candles-0/,
    /MARK second resolved/,
    /MARK candles 1$/,
  );
  expect(first).toBeGreaterThan(0);
  expect([again > first, content > again, renamed > content, second > renamed, count > second]).toEqual(
    Array(5).fill(true),
  );
});

traced('an entry with durability power: the file, its directory and the names above it before set resolves', () => {
  const root = at('entries');
  const { calls } = callsOf(`${SERIES}
    fs.mkdirSync(${JSON.stringify(root)});
    for (let shard = 0; shard < 256; shard++)
      fs.mkdirSync(${JSON.stringify(root)} + '/' + shard.toString(16).padStart(2, '0'));
    await new M.EntryDirectory({ directory: ${JSON.stringify(root)}, durability: 'power' }).set('k', 'v');
    mark('set');`);
  const before = calls.slice(0, calls.indexOf('MARK set'));
  const [content, renamed] = indexOf(before, /fsync .*atc-tmp/, /rename .*atc-entry/);
  expect(renamed).toBeGreaterThan(content);
  const after = before.slice(renamed);
  expect(after.filter((call) => /fsync .*entries\/[0-9a-f]{2}$/.test(call))).not.toEqual([]);
  expect(after).toContain(`fsync ${root}`);
  expect(after).toContain(`fsync ${path.dirname(root)}`);
});

traced("a set with 'process' over an entry of 'power' is synced before it takes its place", () => {
  const root = at('replaced');
  const { calls } = callsOf(`${SERIES}
    const open = (durability) => new M.EntryDirectory({ directory: ${JSON.stringify(root)}, durability });
    await open('process').set('k', 'before');
    mark('before');
    await open('power').set('k', 'promised');
    mark('promised');
    await open('process').set('k', 'after');
    mark('after');`);
  const [before, promised, after] = ['before', 'promised', 'after'].map((name) => calls.indexOf(`MARK ${name}`));
  expect(calls.slice(0, before).filter((call) => call.startsWith('fsync'))).toEqual([]);
  const marked = indexOf(calls, /rename .*\.atc-power$/)[0];
  const entry = calls.findIndex((call, i) => i > before && /rename .*atc-entry/.test(call));
  expect([marked > before, entry > marked, promised > entry]).toEqual([true, true, true]);
  const [content, renamed, names] = indexOf(
    calls.slice(promised, after),
    /fsync .*atc-tmp/,
    /rename .*atc-entry/,
    /fsync .*replaced\/[0-9a-f]{2}$/,
  );
  expect([content > 0, renamed > content, names > renamed]).toEqual([true, true, true]);
});

traced('migrate and revert sync what takes the place of synced files', () => {
  const root = at('migrated');
  const { calls } = callsOf(`${SERIES}
    const folder = ${JSON.stringify(DIST.replace('index.js', 'entries/migrate'))};
    const { migrateDirectory } = await import(folder + '/migrate.js');
    const { revertDirectory } = await import(folder + '/revert.js');
    fs.mkdirSync(${JSON.stringify(root)});
    const item = JSON.stringify({ value: 'x'.repeat(900) });
    fs.writeFileSync(${JSON.stringify(path.join(root, 's.json'))},
      JSON.stringify({ cache: [['k', { value: item }]], lastExpire: 1 }));
    const entries = new M.EntryDirectory({ directory: ${JSON.stringify(root)}, durability: 'power', mode: false });
    await entries.set('a', 'y'.repeat(5000));
    mark('migrate');
    await migrateDirectory(${JSON.stringify(root)});
    mark('revert');
    await revertDirectory(${JSON.stringify(root)});
    mark('done');`);
  const migrate = calls.slice(calls.indexOf('MARK migrate'), calls.indexOf('MARK revert'));
  for (const [i, call] of migrate.entries()) {
    if (!/^rename .*atc-entry$/.test(call)) continue;
    expect(migrate.slice(0, i).some((one) => one.startsWith('fsync ') && one.includes('atc-tmp'))).toBe(true);
  }
  const revert = calls.slice(calls.indexOf('MARK revert'));
  const [content, renamed, names, deleted] = indexOf(
    revert,
    /fsync .*s\.json.*atc-tmp/,
    /rename .*s\.json$/,
    new RegExp(`fsync ${root}$`),
    /(unlink|rename) .*atc-entry/,
  );
  expect([content >= 0, renamed > content, names > renamed, deleted > names]).toEqual([true, true, true, true]);
});
