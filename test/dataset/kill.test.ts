import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { convertToMemoryMapped } from '../../src/dataset/copy.js';
import { writeDataset } from '../../src/dataset/dataset.js';
import { openDataset } from '../../src/dataset/open.js';
import { verifyDataset } from '../../src/dataset/verify.js';
import type { Columns } from '../../src/dtype.js';
import type { DatasetLayout } from '../../src/table.js';
import { bitsOf } from './history-files.js';

/** By hand: ATC_KILLS=200 ATC_KILLS_SEED=<seed>. */
const KILLS = Number(process.env.ATC_KILLS ?? 12);
const SEED = Number(process.env.ATC_KILLS_SEED ?? 1);
const START_ROWS = 4000;
const DIST = path.resolve('dist/esm/index.js');

/**
 * Works on the dataset for ever: says what it is about to do, does it, says that it is done. `r + salt / 7` is the
 * close of row r, so that every change can be distinguished from every other.
 */
const WRITER = `
import { renameSync, writeFileSync } from 'node:fs';
import { convertToMemoryMapped, convertToPacked, openDataset, writeDataset } from ${JSON.stringify(DIST)};
const [folder, seed] = process.argv.slice(1);
let state = Math.imul(Number(seed), 2654435761) >>> 0;
const random = (below) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};
const say = (mark, op) => process.stdout.write(mark + JSON.stringify(op) + '\\n');
const columnsOf = (from, to, salt) => ({
  timestamp: Float64Array.from({ length: to - from }, (_, k) => (from + k) * 60000),
  close: Float64Array.from({ length: to - from }, (_, k) => from + k + salt / 7),
});
const dataset = await openDataset(folder + '/set');
for (;;) {
  const rows = dataset.table('A').length;
  const salt = random(1e9);
  const from = random(rows - 600);
  const op = [
    { kind: 'append', from: rows, to: rows + 1 + random(3), salt },
    { kind: 'append', from: rows, to: rows + 400, salt },
    { kind: 'upsert', from, to: from + 1 + random(500), salt },
    { kind: 'compact' },
    { kind: 'convert', name: 'copy-' + seed + '-' + salt },
    { kind: 'import', name: 'import-' + seed + '-' + salt },
    { kind: 'renew', salt },
  ][random(7)];
  say('>', op);
  if (op.kind === 'append') await dataset.append('A', columnsOf(op.from, op.to, salt));
  if (op.kind === 'upsert') await dataset.upsert('A', columnsOf(op.from, op.to, salt));
  if (op.kind === 'compact') await dataset.compact();
  const layout = dataset.layout === 'mapped' ? 'packed' : 'mapped';
  if (op.kind === 'convert') (await writeDataset(folder + '/' + op.name, folder + '/set', { layout })).close();
  if (op.kind === 'import') (await writeDataset(folder + '/' + op.name, folder + '/source.csv', { layout })).close();
  if (op.kind === 'renew') {
    const lines = Array.from({ length: 3000 }, (_, row) => (1600000000000 + row) + ',' + (row + salt / 7));
    writeFileSync(folder + '/next.csv', 'timestamp,close\\n' + lines.join('\\n') + '\\n');
    renameSync(folder + '/next.csv', folder + '/A.csv');
    const convert = layout === 'mapped' ? convertToMemoryMapped : convertToPacked;
    (await convert(folder + '/A.csv', folder + '/renewed')).close();
  }
  say('<', op);
}
`;

interface Operation {
  readonly kind: 'append' | 'upsert' | 'compact' | 'convert' | 'import' | 'renew';
  readonly from: number;
  readonly to: number;
  readonly salt: number;
  readonly name: string;
}

function apply(closes: readonly number[], op: Operation): number[] {
  const next = [...closes];
  if (op.kind === 'append' || op.kind === 'upsert') {
    for (let row = op.from; row < op.to; row += 1) next[row] = row + op.salt / 7;
  }
  return next;
}

/** What a writer says until it is killed `delayMs` after its first word. */
async function runUntilKilled(folder: string, seed: number, delayMs: number): Promise<string[]> {
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', WRITER, folder, String(seed)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  let complaint = '';
  child.stderr!.on('data', (text) => (complaint += text));
  child.stdout!.on('data', (text) => {
    if (said === '') setTimeout(() => child.kill('SIGKILL'), delayMs);
    said += text;
  });
  await new Promise((resolve) => child.on('close', resolve));
  if (complaint !== '') throw new Error(complaint);
  // The last line may be cut: then it was not acknowledged.
  return said.split('\n').slice(0, -1);
}

/**
 * The copy of a file that was rebuilt again and again: all rows of one version, at least as new as what was
 * acknowledged.
 */
async function expectWholeCopy(folder: string, done: readonly Operation[], underWay: Operation | undefined) {
  const copy = path.join(folder, 'renewed');
  const salts = done.filter(({ kind }) => kind === 'renew').map(({ salt }) => salt);
  if (salts.length > 0) expect(existsSync(copy)).toBe(true);
  if (!existsSync(copy)) return;
  const dataset = await openDataset(copy);
  const closes = dataset.table('A').column('close');
  const salt = Math.round(Number(closes[0]) * 7);
  expect(bitsOf(closes)).toBe(bitsOf(Float64Array.from({ length: 3000 }, (_, row) => row + salt / 7)));
  dataset.close();
  expect((await verifyDataset(copy)).rows).toBe(3000);
  if (salts.length > 0) expect([salts.at(-1), underWay?.salt]).toContain(salt);
}

test.each<DatasetLayout>(['mapped', 'packed'])(
  '%s: a writer killed at any moment leaves all that it acknowledged and nothing half',
  async (layout) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'atc-kill-'));
    try {
      let closes = Array.from({ length: START_ROWS }, (_, row) => row);
      const columns: Columns = {
        timestamp: Float64Array.from(closes, (row) => row * 60000),
        close: Float64Array.from(closes),
      };
      (await writeDataset(path.join(folder, 'set'), { symbol: 'A', columns }, { layout })).close();
      writeFileSync(
        path.join(folder, 'source.csv'),
        `timestamp,close\n${closes.map((row) => `${row + 1},${row}`).join('\n')}\n`,
      );
      const counts: Record<string, number> = {};
      const kills = Math.ceil(KILLS / 2);
      for (let kill = 0; kill < kills; kill += 1) {
        const delayMs = 1 + ((kill * 7919 + SEED) % (KILLS > 50 ? 1200 : 300));
        const lines = await runUntilKilled(folder, SEED * 1000 + kill, delayMs);
        const done = lines.filter((line) => line[0] === '<').map((line) => JSON.parse(line.slice(1)) as Operation);
        const begun = lines.filter((line) => line[0] === '>').map((line) => JSON.parse(line.slice(1)) as Operation);
        const underWay: Operation | undefined = begun[done.length];
        for (const op of done) closes = apply(closes, op);
        counts[underWay?.kind ?? 'between'] = (counts[underWay?.kind ?? 'between'] ?? 0) + 1;

        const dataset = await openDataset(path.join(folder, 'set'));
        const found = bitsOf(dataset.table('A').column('close'));
        dataset.close();
        if (underWay !== undefined && found !== bitsOf(Float64Array.from(closes))) closes = apply(closes, underWay);
        expect(found === bitsOf(Float64Array.from(closes))).toBe(true);
        expect((await verifyDataset(path.join(folder, 'set'))).rows).toBe(closes.length);
        await expectWholeCopy(folder, done, underWay);
        for (const { kind, name } of done) {
          if (kind === 'convert' || kind === 'import') expect(existsSync(path.join(folder, name))).toBe(true);
        }
        for (const name of readdirSync(folder)) {
          if (/^(copy|import)-/.test(name)) {
            expect((await verifyDataset(path.join(folder, name))).rows).toBeGreaterThanOrEqual(START_ROWS);
            rmSync(path.join(folder, name), { recursive: true });
          }
        }
      }
      console.info(
        `${layout}, seed ${SEED}: ${kills} kills, during ${JSON.stringify(counts)}; ${closes.length} rows at the end`,
      );
      // What the dead left does not keep anybody from making the copy again.
      if (existsSync(path.join(folder, 'A.csv'))) {
        (await convertToMemoryMapped(path.join(folder, 'A.csv'), path.join(folder, 'renewed'))).close();
        // Whether or not the copy was whole: the process that opens it removes what the dead left.
        const dead = readdirSync(path.join(folder, 'renewed')).filter((name) => /atc-|lease/.test(name));
        expect(dead).toEqual([]);
      }
      // The next change works, and removes what the dead left.
      const dataset = await openDataset(path.join(folder, 'set'));
      await dataset.append('A', [{ timestamp: closes.length * 60000, close: 1 }]);
      await dataset.compact();
      dataset.close();
      const left = readdirSync(path.join(folder, 'set'), { recursive: true }).filter((name) =>
        /atc-|lease/.test(String(name)),
      );
      expect(left).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  60_000 + KILLS * 5000,
);

test('two processes that append at once lose nothing', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'atc-two-'));
  try {
    (
      await writeDataset(path.join(folder, 'set'), {
        symbol: 'A',
        columns: { timestamp: Float64Array.of(0), close: Float64Array.of(0) },
      })
    ).close();
    const script = `
      import { openDataset } from ${JSON.stringify(DIST)};
      const [folder, symbol] = process.argv.slice(1);
      const dataset = await openDataset(folder + '/set');
      for (let k = 1; k <= 25; k += 1)
        await dataset.append(symbol, [{ timestamp: k, close: k / 3 }], { durability: 'process' });
      dataset.close();
    `;
    const codes = await Promise.all(
      ['X', 'Y', 'Z'].map(
        (symbol) =>
          new Promise((resolve) => {
            const child = spawn(process.execPath, ['--input-type=module', '-e', script, folder, symbol], {
              stdio: ['ignore', 'inherit', 'inherit'],
            });
            child.on('close', resolve);
          }),
      ),
    );
    expect(codes).toEqual([0, 0, 0]);
    const dataset = await openDataset(path.join(folder, 'set'));
    expect(dataset.catalogue.generation).toBe(76);
    for (const symbol of ['X', 'Y', 'Z']) {
      expect(bitsOf(dataset.table(symbol).column('close'))).toBe(
        bitsOf(Float64Array.from({ length: 25 }, (_, k) => (k + 1) / 3)),
      );
    }
    dataset.close();
    await verifyDataset(path.join(folder, 'set'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
