/** The directory of a study may come from anywhere: what a link in it leads to is not read, listed or removed. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ownerToken } from '../../src/io/process-owner.js';
import { StudyFiles } from '../../src/sweep/study-files.js';
import { StudyPart } from '../../src/sweep/study-part.js';

let folder: string;
let directory: string;
let foreign: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'atc-study-'));
  directory = path.join(folder, 'study');
  foreign = path.join(folder, 'foreign');
  mkdirSync(foreign);
  writeFileSync(path.join(foreign, 'a.unit'), 'x');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const unit = { first: 0, end: 1, symbol: 0 };
const linked = { code: 'CORRUPT', message: expect.stringContaining('symbolic link') };

test('a link in place of the units is refused, and removed without what it leads to', async () => {
  const files = new StudyFiles(directory);
  files.begin({ space: 1 });
  symlinkSync(foreign, path.join(directory, 'units'));
  for (const use of [
    () => files.unitNames(),
    () => files.has(unit),
    () => files.cut(),
    () => files.beginCut({ batch: 1, shards: 1 }),
    () => files.tryClaim(unit),
    () => files.addUnit('a.unit', new Uint8Array(3), 'x'),
  ])
    expect(use).toThrow(expect.objectContaining(linked));
  await expect(files.read(unit)).rejects.toMatchObject(linked);
  files.tidy();
  expect(readdirSync(directory)).toEqual(['study.json']);
  expect(readdirSync(foreign)).toEqual(['a.unit']);
});

test('a link in place of a file of the study is refused', async () => {
  const files = new StudyFiles(directory);
  files.begin({ space: 1 });
  for (const name of ['report.json', 'trials.frame', 'curves'])
    symlinkSync(path.join(foreign, 'a.unit'), path.join(directory, name));
  expect(() => files.report()).toThrow(expect.objectContaining(linked));
  expect(() => files.hasCurves(1)).toThrow(expect.objectContaining(linked));
  await expect(files.columns()).rejects.toMatchObject(linked);
  expect(() => files.finish({ trial: new Float64Array(1) }, {})).toThrow(expect.objectContaining(linked));
});

test('a part is written beside nothing that a killed process left', async () => {
  const dead = path.join(folder, `.p.${2 ** 22 + 1}-1-${ownerToken().split('-')[2]}.00000000.atc-tmp`);
  writeFileSync(dead, 'unfinished');
  const part = new StudyPart(new Uint8Array([1, 2, 3]));
  await part.write(path.join(folder, 'p'));
  expect(existsSync(dead)).toBe(false);
  expect((await StudyPart.read(path.join(folder, 'p'), part.sha256)).bytes).toEqual(new Uint8Array([1, 2, 3]));
});
