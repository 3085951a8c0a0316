import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { convertToMemoryMapped, convertToPacked } from '../../src/dataset/copy.js';
import { writeDataset } from '../../src/dataset/dataset.js';
import { openDataset } from '../../src/dataset/open.js';
import { verifyDataset } from '../../src/dataset/verify.js';
import { WRITE_LOCK } from '../../src/dataset/write-lock.js';
import { tryLock } from '../../src/io/process-lock.js';
import { ownerToken } from '../../src/io/process-owner.js';
import { startChild } from '../io/child.js';
import { bitsOf } from './history-files.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-copy-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const at = (...names: string[]) => path.join(folder, ...names);

/** The token of a process that has ended: the number of this one with another start time. */
const dead = ownerToken().replace(/-(\d+)-/, '-1-');
/** Paths below these names of the copy. */
const inside = (names: readonly string[]) =>
  names.flatMap((name) =>
    statSync(at('copy', name)).isDirectory()
      ? readdirSync(at('copy', name), { recursive: true }).map((one) => path.join(name, String(one)))
      : [],
  );

/** Large enough to be taken for ms. */
const START_MS = 1_600_000_000_000;

function writeSource(closes: readonly number[], name = 'A.csv'): string {
  writeFileSync(at(name), `timestamp,close\n${closes.map((close, k) => `${START_MS + k},${close}`).join('\n')}\n`);
  return at(name);
}

const closesOf = async (directory: string) => {
  const dataset = await openDataset(directory);
  const closes = [...dataset.table('A').column('close')];
  dataset.close();
  return closes;
};

describe.each([
  ['mapped', convertToMemoryMapped],
  ['packed', convertToPacked],
] as const)('a %s copy', (layout, convert) => {
  test('is opened while its source is unchanged, rebuilt when it is not', async () => {
    const source = writeSource([1, 2, 3]);
    (await convert(source, at('copy'))).close();
    const files = () =>
      readdirSync(at('copy'), { recursive: true })
        .map(String)
        .filter((name) => !name.startsWith('lease'))
        .toSorted();
    const before = files();
    const again = await convert(source, at('copy'));
    expect([again.layout, again.catalogue.generation]).toEqual([layout, 1]);
    again.close();
    expect(files()).toEqual(before);

    appendFileSync(source, `${START_MS + 3},4\n`);
    const renewed = await convert(source, at('copy'));
    expect([...renewed.table('A').column('close')]).toEqual([1, 2, 3, 4]);
    expect(renewed.catalogue.generation).toBe(2);
    renewed.close();
    expect((await verifyDataset(at('copy'))).rows).toBe(4);
    expect(readdirSync(folder).toSorted()).toEqual(['A.csv', 'copy']);
  });

  test('opening a complete, fresh copy removes the traces of a killed writer', async () => {
    const source = writeSource([1, 2, 3]);
    const first = await convert(source, at('copy'));
    const before = readdirSync(at('copy'))
      .filter((name) => !name.startsWith('lease'))
      .toSorted();
    const living = `.catalogue.json.${ownerToken()}.00000001.atc-tmp`;
    mkdirSync(at('copy', 'snapshots'), { recursive: true });
    for (const name of [
      `.catalogue.json.${dead}.00000000.atc-tmp`,
      `.write.${dead}.00000000.atc-lock`,
      `lease.1.${dead}.00000000`,
      `doomed.1.${dead}.00000000`,
      `snapshots/.x.json.${dead}.00000000.atc-tmp`,
      living,
      'notes.txt',
    ]) {
      writeFileSync(at('copy', name), '');
    }
    mkdirSync(at('copy', `.added-2.${dead}.00000000.atc-tmp`));
    // Finished, but the writer died before a catalogue named it.
    mkdirSync(at('copy', 'added-2'));
    writeFileSync(at('copy', 'added-2', 'close.npy'), 'x');
    (await convert(source, at('copy'))).close();
    first.close();
    expect(readdirSync(at('copy'), { recursive: true }).map(String).toSorted()).toEqual(
      [...before, living, 'notes.txt', 'snapshots', ...inside(before)].toSorted(),
    );
  });

  test('what a writer at work has not finished is left to it', async () => {
    const source = writeSource([1, 2, 3]);
    (await convert(source, at('copy'))).close();
    mkdirSync(at('copy', 'added-2'));
    const lock = tryLock(at('copy'), WRITE_LOCK);
    (await convert(source, at('copy'))).close();
    expect(readdirSync(at('copy'))).toContain('added-2');
    lock?.release();
    (await convert(source, at('copy'))).close();
    expect(readdirSync(at('copy'))).not.toContain('added-2');
  });

  test('a rebuilt copy keeps its rows when it is compacted and when a snapshot of it is deleted', async () => {
    const source = writeSource([1, 2, 3]);
    (await convert(source, at('copy'))).close();
    appendFileSync(source, `${START_MS + 3},4\n`);
    const renewed = await convert(source, at('copy'));
    await renewed.compact();
    await renewed.snapshot('one');
    await renewed.append('A', { timestamp: Float64Array.of(START_MS + 4), close: Float64Array.of(5) });
    await renewed.deleteSnapshot('one');
    renewed.close();
    expect(await closesOf(at('copy'))).toEqual([1, 2, 3, 4, 5]);
    expect((await verifyDataset(at('copy'))).rows).toBe(5);
  });

  test('knows a change that leaves size and time as they were', async () => {
    const source = writeSource([1, 2, 3]);
    utimesSync(source, 1e9, 1e9);
    (await convert(source, at('copy'))).close();
    writeSource([1, 9, 3]);
    utimesSync(source, 1e9, 1e9);
    (await convert(source, at('copy'))).close();
    expect(await closesOf(at('copy'))).toEqual([1, 9, 3]);
  });

  test('a reader keeps its rows while the copy is rebuilt; then the old files are deleted', async () => {
    const source = writeSource([1, 2, 3]);
    const reading = await convert(source, at('copy'));
    const table = reading.table('A');
    const closes = table.column('close');
    writeSource([4, 5]);
    (await convert(source, at('copy'))).close();
    expect([...closes]).toEqual([1, 2, 3]);
    expect([...table.column('timestamp')]).toEqual([START_MS, START_MS + 1, START_MS + 2]);
    expect(readdirSync(at('copy')).some((name) => name.startsWith('00000-'))).toBe(true);
    expect(reading.refresh()).toBe(true);
    expect([...reading.table('A').column('close')]).toEqual([4, 5]);
    reading.close();
    writeSource([6]);
    (await convert(source, at('copy'))).close();
    expect(readdirSync(at('copy')).toSorted()).toEqual([
      'added-3',
      'catalogue.brief',
      'catalogue.json',
      'sources.json',
    ]);
  });

  test('of a dataset follows its content, not its layout or history', async () => {
    const columns = { timestamp: Float64Array.of(1, 2), close: Float64Array.of(1, 2) };
    const original = await writeDataset(at('original'), { symbol: 'A', columns });
    (await convert(at('original'), at('copy'))).close();
    await original.compact();
    (await convert(at('original'), at('copy'))).close();
    expect((await openDataset(at('copy'))).catalogue.generation).toBe(1);
    await original.append('A', [{ timestamp: 3, close: 3 }]);
    const renewed = await convert(at('original'), at('copy'));
    expect(bitsOf(renewed.table('A').column('close'))).toBe(bitsOf(Float64Array.of(1, 2, 3)));
    expect(renewed.snapshotId).toBe(original.snapshotId);
    renewed.close();
    original.close();
  });

  test('a dataset that is no copy of that source, or was changed by hand, is not replaced', async () => {
    const source = writeSource([1, 2, 3]);
    const other = writeSource([5], 'B.csv');
    (await convert(source, at('copy'))).close();
    await expect(convert(other, at('copy'))).rejects.toMatchObject({ code: 'IO' });
    await expect(convert(source, folder)).rejects.toMatchObject({ code: 'IO' });
    const dataset = await openDataset(at('copy'));
    await dataset.append('A', [{ timestamp: START_MS + 9, close: 4 }]);
    dataset.close();
    await expect(convert(source, at('copy'))).rejects.toThrow('was changed since it was made');
    expect(await closesOf(at('copy'))).toEqual([1, 2, 3, 4]);
  });

  test('a failure leaves the copy as it was, and no other file', async () => {
    const source = writeSource([1, 2, 3]);
    (await convert(source, at('copy'))).close();
    writeFileSync(source, 'timestamp,close\n1,1\n3,2\n2,2\n');
    await expect(convert(source, at('copy'))).rejects.toMatchObject({ code: 'CORRUPT' });
    rmSync(source);
    await expect(convert(source, at('copy'))).rejects.toMatchObject({ code: 'IO' });
    expect(await closesOf(at('copy'))).toEqual([1, 2, 3]);
    expect(readdirSync(at('copy')).filter((name) => /added|atc-/.test(name))).toEqual([]);
  });

  test('columns have no source to be fresh against: the directory must be new', async () => {
    const columns = { timestamp: Float64Array.of(1), close: Float64Array.of(1) };
    (await convert({ symbol: 'A', columns }, at('copy'))).close();
    expect(existsSync(at('copy', 'sources.json'))).toBe(false);
    await expect(convert({ symbol: 'A', columns }, at('copy'))).rejects.toMatchObject({ code: 'IO' });
  });
});

test('a copy changes from one layout to the other under the same name, and back', async () => {
  const source = writeSource([1, 2, 3]);
  const mapped = await convertToMemoryMapped(source, at('copy'));
  const { snapshotId } = mapped;
  mapped.close();
  const packed = await convertToPacked(source, at('copy'));
  expect([packed.layout, packed.snapshotId]).toEqual(['packed', snapshotId]);
  packed.close();
  const back = await convertToMemoryMapped(source, at('copy'));
  expect([back.layout, back.snapshotId]).toEqual(['mapped', snapshotId]);
  back.close();
});

test('a source that changes while it is read is reported, and the copy is not taken for fresh', async () => {
  const source = writeSource([1, 2, 3]);
  const growing = convertToMemoryMapped(source, at('copy'), { onRows: () => appendFileSync(source, '\n') });
  await expect(growing).rejects.toThrow('changes while it is read');
  const settled = await convertToMemoryMapped(source, at('copy'));
  expect([...settled.table('A').column('close')]).toEqual([1, 2, 3]);
  settled.close();
});

test('several processes ask for the same copy at once: one makes it, all open it', async () => {
  const source = writeSource(Array.from({ length: 3000 }, (_, k) => k / 3));
  const children = Array.from({ length: 4 }, () =>
    startChild(
      (dist) => `
      const { convertToMemoryMapped } = await import(${JSON.stringify(`${dist}/index.js`)});
      let rows = 0;
      const dataset = await convertToMemoryMapped(${JSON.stringify(source)}, ${JSON.stringify(at('copy'))},
        { onRows: (n) => { rows = n; } });
      console.log(JSON.stringify([rows > 0, dataset.catalogue.generation, dataset.table('A').length]));
      dataset.close();
    `,
    ),
  );
  const lines = await Promise.all(children.map((child) => child.line()));
  const seen = lines.map((line) => JSON.parse(line) as [boolean, number, number]);
  expect(seen.filter(([made]) => made)).toHaveLength(1);
  for (const [, generation, rows] of seen) expect([generation, rows]).toEqual([1, 3000]);
  await Promise.all(children.map((child) => child.ended));
  expect(readdirSync(folder).toSorted()).toEqual(['A.csv', 'copy']);
});
