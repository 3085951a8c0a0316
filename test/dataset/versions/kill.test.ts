/**
 * A process that names, deletes and changes versions, killed at any moment. By hand:
 * ATC_KILLS=200 ATC_KILLS_SEED=<seed>.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDataset } from '../../../src/dataset/open.js';
import { verifyDataset } from '../../../src/dataset/verify.js';
import { type DatasetLayout, writeDataset } from '../../../src/index.js';
import { bitsOf } from '../history-files.js';

const KILLS = Number(process.env.ATC_KILLS ?? 8);
const SEED = Number(process.env.ATC_KILLS_SEED ?? 1);
const DIST = path.resolve('dist/esm/index.js');

/** Says what it is about to do, does it, says that it is done, for ever. */
const WRITER = `
import { openDataset } from ${JSON.stringify(DIST)};
const [directory, seed] = process.argv.slice(1);
let state = Math.imul(Number(seed), 2654435761) >>> 0;
const random = (below) => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
};
const say = (mark, op) => process.stdout.write(mark + JSON.stringify(op) + '\\n');
const dataset = await openDataset(directory);
for (let turn = 0; ; turn += 1) {
  const names = (await dataset.snapshots()).flatMap(({ name }) => name ?? []);
  const kind = ['append', 'upsert', 'compact', 'snapshot', 'snapshot', 'delete'][random(6)];
  if (kind === 'delete' && names.length === 0) continue;
  const rows = dataset.table('A').length;
  const from = kind === 'upsert' ? random(rows) : rows;
  const salt = random(1e9);
  const name = kind === 'delete' ? names[random(names.length)] : 's-' + seed + '-' + turn;
  const op = { kind, from, to: from + 1 + random(300), salt, name };
  say('>', op);
  const columns = {
    timestamp: Float64Array.from({ length: op.to - from }, (_, k) => (from + k) * 60000),
    close: Float64Array.from({ length: op.to - from }, (_, k) => from + k + salt / 7),
  };
  if (kind === 'append') await dataset.append('A', columns);
  if (kind === 'upsert') await dataset.upsert('A', columns);
  if (kind === 'compact') await dataset.compact({ keep: 1 + random(3) });
  if (kind === 'snapshot') await dataset.snapshot(name);
  if (kind === 'delete') await dataset.deleteSnapshot(name);
  say('<', op);
}
`;

interface Operation {
  readonly kind: 'append' | 'upsert' | 'compact' | 'snapshot' | 'delete';
  readonly from: number;
  readonly to: number;
  readonly salt: number;
  readonly name: string;
}

/** Complete lines until the kill. */
async function runUntilKilled(directory: string, seed: number, delayMs: number): Promise<string[]> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', WRITER, directory, String(seed)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let complaint = '';
  child.stderr.on('data', (text) => (complaint += text));
  child.stdout.on('data', (text) => {
    if (output === '') setTimeout(() => child.kill('SIGKILL'), delayMs);
    output += text;
  });
  await new Promise((resolve) => child.on('close', resolve));
  if (complaint !== '') throw new Error(complaint);
  return output.split('\n').slice(0, -1);
}

/** What the dataset holds, and every snapshot of it. */
class Expected {
  closes: readonly number[] = Array.from({ length: 2000 }, (_, row) => row);
  readonly named = new Map<string, readonly number[]>();

  apply({ kind, from, to, salt, name }: Operation): void {
    if (kind === 'append' || kind === 'upsert') {
      const next = [...this.closes];
      for (let row = from; row < to; row += 1) next[row] = row + salt / 7;
      this.closes = next;
    }
    if (kind === 'snapshot') this.named.set(name, this.closes);
    if (kind === 'delete') this.named.delete(name);
  }

  /** Whether the operation that was under way has happened. */
  async hasHappened(directory: string, op: Operation): Promise<boolean> {
    if (op.kind === 'compact') return false;
    if (op.kind === 'append' || op.kind === 'upsert') {
      return (await closesOf(directory)) !== bitsOf(Float64Array.from(this.closes));
    }
    const dataset = await openDataset(directory);
    const isNamed = (await dataset.snapshots()).some(({ name }) => name === op.name);
    dataset.close();
    return isNamed === (op.kind === 'snapshot');
  }
}

async function closesOf(directory: string, asOf?: string): Promise<string> {
  const dataset = await openDataset(directory, { asOf });
  const bits = bitsOf(dataset.table('A').column('close'));
  dataset.close();
  return bits;
}

test.each<DatasetLayout>(['mapped', 'packed'])(
  '%s: a kill leaves every acknowledged snapshot whole, and none that was deleted',
  async (layout) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'atc-versions-kill-'));
    const directory = path.join(folder, 'set');
    try {
      const expected = new Expected();
      const columns = {
        timestamp: Float64Array.from(expected.closes, (row) => row * 60_000),
        close: Float64Array.from(expected.closes),
      };
      (await writeDataset(directory, { symbol: 'A', columns }, { layout })).close();
      const counts: Record<string, number> = {};
      const kills = Math.ceil(KILLS / 2);
      for (let kill = 0; kill < kills; kill += 1) {
        const lines = await runUntilKilled(directory, SEED * 1000 + kill, 1 + ((kill * 7919 + SEED * 31) % 400));
        const parse = (mark: string) =>
          lines.filter((line) => line[0] === mark).map((line) => JSON.parse(line.slice(1)) as Operation);
        const done = parse('<');
        const underWay: Operation | undefined = parse('>')[done.length];
        for (const op of done) expected.apply(op);
        if (underWay !== undefined && (await expected.hasHappened(directory, underWay))) expected.apply(underWay);
        counts[underWay?.kind ?? 'between'] = (counts[underWay?.kind ?? 'between'] ?? 0) + 1;

        expect(await closesOf(directory)).toBe(bitsOf(Float64Array.from(expected.closes)));
        const dataset = await openDataset(directory);
        const names = (await dataset.snapshots()).flatMap(({ name }) => name ?? []);
        dataset.close();
        expect(names.sort()).toEqual([...expected.named.keys()].sort());
        for (const [name, closes] of expected.named) {
          expect(await closesOf(directory, name)).toBe(bitsOf(Float64Array.from(closes)));
        }
        await verifyDataset(directory);
      }
      const during = JSON.stringify(counts);
      console.info(`${layout}, seed ${SEED}: ${kills} kills, during ${during}; ${expected.named.size} snapshots`);
      const last = await openDataset(directory);
      for (const name of expected.named.keys()) await last.deleteSnapshot(name);
      await last.compact({ keep: 1 });
      last.close();
      const left = readdirSync(directory, { recursive: true }).map(String);
      expect(left.filter((name) => /atc-|lease|snapshots./.test(name))).toEqual([]);
      expect(left.filter((name) => /^(added-\d+|\d+-A)$/.test(name))).toHaveLength(1);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  60_000 + KILLS * 10_000,
);
