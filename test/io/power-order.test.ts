/**
 * The order of syncs, seen by strace: with durability 'power' the data of a file is on the disk before its name is,
 * what a catalogue names before the catalogue, and every name before the acknowledgement.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { useWorkspace } from './workspace.js';

const workspace = useWorkspace();
const CALLS = 'openat,write,pwrite64,writev,pwritev,fsync,fdatasync,rename,renameat2,mkdir,unlink,rmdir';

const hasStrace = ((): boolean => {
  try {
    execFileSync('strace', ['-o', '/dev/null', 'true'], { stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
})();
if (!hasStrace) console.info('the order of syncs is not tested here: strace is missing or may not trace');

/**
 * Locks, leases and unfinished things may be lost in a power cut: they belong to a process that has ended by then. So
 * may the brief catalogue, which has a checksum and is made of the other.
 */
const isMark = (file: string) => /(\.atc-(lock|tmp)(\/|$)|(^|\/)(lease|doomed)\.\d|(^|\/)catalogue\.brief$)/.test(file);

let runs = 0;

/** What is wrong with the order of the calls of `body`, which acknowledges by `ack()`. */
function disorder(body: string): string[] {
  const { lines, root } = traceOf(body);
  return judge(lines, `${root}/work`, `${root}/ack`);
}

function traceOf(body: string): { readonly lines: readonly string[]; readonly root: string } {
  const root = workspace.at(`run-${runs++}`);
  mkdirSync(root);
  const trace = path.join(root, 'trace');
  const script = `
    import fs from 'node:fs';
    const atc = await import(${JSON.stringify(path.resolve('dist/esm/index.js'))});
    const { convertToMemoryMapped, createMemoryMappedArray, openDataset, writeDataset } = atc;
    const at = (name) => ${JSON.stringify(`${root}/work/`)} + name;
    const ack = () => fs.mkdirSync(${JSON.stringify(`${root}/ack`)} + Math.random());
    const columns = (rows, first) => ({
      timestamp: Float64Array.from({ length: rows }, (_, k) => (first + k) * 60000),
      close: new Float64Array(rows).fill(1),
    });
    fs.mkdirSync(at(''), { recursive: true });
    ${body}
  `;
  const args = ['-f', '-y', '-s', '0', '-e', `trace=${CALLS}`, '-e', 'signal=none', '-o', trace];
  const run = spawnSync('strace', [...args, process.execPath, '--input-type=module', '-e', script], {
    encoding: 'utf8',
    env: { ...process.env, UV_USE_IO_URING: '0' },
  });
  if (run.status !== 0) throw new Error(run.stderr);
  return { lines: readFileSync(trace, 'utf8').split('\n'), root };
}

function judge(lines: readonly string[], work: string, ack: string): string[] {
  const problems: string[] = [];
  /** Files with bytes, and directories with names, that no sync has reached. */
  const data = new Set<string>();
  const names = new Set<string>();
  let acknowledged = 0;
  for (const line of lines) {
    const paths = [...line.matchAll(/"([^"]+)"|<(\/[^>]+)>/g)].map((match) => match[1] ?? match[2]);
    const call = /^\d+ +(\w+)\(/.exec(line)?.[1] ?? '';
    if (/= -1 /.test(line) || paths.length === 0) continue;
    const last = paths[call.startsWith('rename') ? 1 : 0] ?? '';
    if (call === 'mkdir' && last.startsWith(ack)) {
      acknowledged += 1;
      const missing = [...data, ...names].filter((file) => !isMark(file));
      if (missing.length > 0) problems.push(`acknowledged before a sync of ${missing.join(', ')}`);
    } else if (call === 'fsync' || call === 'fdatasync') {
      data.delete(last);
      names.delete(last);
    } else if (last.startsWith(work)) {
      if (call.includes('write')) data.add(last);
      if (call === 'mkdir') names.add(path.dirname(last));
      if (call.startsWith('rename')) rename(paths[0], last);
      if (call !== 'unlink' && call !== 'rmdir') continue;
      data.delete(last);
      names.delete(last);
    }
  }
  return acknowledged === 0 ? ['nothing was acknowledged'] : problems;

  function rename(from: string, to: string): void {
    for (const set of [data, names]) {
      for (const file of [...set].filter((one) => one === from || one.startsWith(`${from}/`))) {
        set.delete(file);
        if (isMark(to)) continue;
        if (set === data) problems.push(`${to + file.slice(from.length)} got its name before its data was synced`);
        set.add(to + file.slice(from.length));
      }
    }
    if (isMark(to)) return;
    if (to.endsWith('catalogue.json') && data.size > 0) {
      const missing = [...data].filter((file) => !isMark(file));
      if (missing.length > 0) problems.push(`the catalogue was shown before ${missing.join(', ')} was synced`);
    }
    names.add(path.dirname(to));
  }
}

/** Paged: packed, with so many symbols that the catalogue has pages and short frames share files. */
const LAYOUTS = ['packed', 'mapped', 'paged'];
const made = (layout: string, durability: string) => {
  const others = Array.from(
    { length: layout === 'paged' ? 70 : 0 },
    (_, k) => `{ symbol: 'S${k}', columns: columns(3, 0) }`,
  );
  const source = `[{ symbol: 'A', columns: columns(50, 0) }, ${others}]`;
  const options = `{ layout: '${layout === 'mapped' ? 'mapped' : 'packed'}', durability: '${durability}' }`;
  return `const dataset = await writeDataset(at('d'), ${source}, ${options});`;
};

const CHANGES: Record<string, string> = {
  append: `await dataset.append('A', columns(20000, 50), options);`,
  'append of a symbol': `await dataset.append('B', columns(5, 0), options);`,
  upsert: `await dataset.upsert('A', columns(3, 10), options);`,
  compaction: `await dataset.append('A', columns(2, 50), options); await dataset.compact(options);`,
  'a mark': `await dataset.markEmpty('A', [[0, 1]], options);`,
};

(hasStrace ? describe : describe.skip).each(LAYOUTS)('%s datasets', (layout) => {
  test('a new dataset in directories that another process has made', () => {
    expect(disorder(`${made(layout, 'power')} ack();`)).toEqual([]);
  }, 60_000);

  test.each(Object.entries(CHANGES))(
    '%s',
    (_, change) => {
      const body = `${made(layout, 'power')} const options = { durability: 'power' }; ${change} ack();`;
      expect(disorder(body)).toEqual([]);
    },
    60_000,
  );

  test.each(Object.entries(CHANGES))(
    '%s of a process that asks for less than another was promised',
    (_, change) => {
      const body = `${made(layout, 'power')} const options = { durability: 'process' }; ${change} ack();`;
      expect(disorder(body)).toEqual([]);
    },
    60_000,
  );

  test('the first change with power to a dataset that was never synced', () => {
    const body = `${made(layout, 'process')} await dataset.append('A', columns(3, 50), { durability: 'process' });
      await dataset.append('A', columns(3, 60)); ack();`;
    // What was written before it was promised to nobody; at the acknowledgement all of it is on the disk.
    expect(disorder(body).filter((problem) => problem.startsWith('acknowledged'))).toEqual([]);
  }, 60_000);

  test('the brief catalogue is removed before another catalogue is shown, and written after it', () => {
    const { lines } = traceOf(`${made(layout, 'power')} await dataset.append('A', columns(3, 60)); ack();`);
    const renames = lines.flatMap((line) => /rename\w*\(.*?"([^"]+)".*?"([^"]+)".* = 0/.exec(line)?.slice(1) ?? []);
    const order = renames.flatMap((file, k) => {
      const name = path.basename(file);
      return /^catalogue\.(brief|json)$/.test(name) ? `${k % 2 === 0 ? 'from' : 'to'} ${name}` : [];
    });
    expect(order).toEqual(['from catalogue.brief', 'to catalogue.json', 'to catalogue.brief']);
  }, 60_000);

  test('the check is not blind: a dataset that is never synced', () => {
    expect(disorder(`${made(layout, 'process')} ack();`).join()).toContain('acknowledged before a sync');
  }, 60_000);
});

(hasStrace ? describe : describe.skip)('arrays and copies', () => {
  test('an array', () => {
    const body = `const array = await createMemoryMappedArray([1, 2], at('a.npy')); ack();
      await array.append([3]); array.set(0, 5); array.flush(); ack();`;
    expect(disorder(body)).toEqual([]);
  }, 60_000);

  test('a copy, and the same rebuilt', () => {
    const body = `const source = at('../S.csv');
      fs.writeFileSync(source, 'timestamp,close\\n1704067200000,1\\n');
      (await convertToMemoryMapped(source, at('c'))).close(); ack();
      fs.writeFileSync(source, 'timestamp,close\\n1704067200000,1\\n1704067260000,2\\n');
      (await convertToMemoryMapped(source, at('c'))).close(); ack();`;
    expect(disorder(body)).toEqual([]);
  }, 60_000);
});
