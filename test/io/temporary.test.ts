/** What dead processes left is removed by its name and owner; everything else in the directory stays. */
import { mkdirSync, readdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ownerToken } from '../../src/io/process-owner.js';
import { recordDisk, useRecordedDirectory } from './recorded-disk.js';

const disk = recordDisk();
const { isAbandoned, isTemporaryName, namesIn, removeMark, sweepOnce, sweepTemporaries, sweepTraces, temporaryPath } =
  await import('../../src/io/temporary.js');
const { isRealDirectory, isRealFile, isOwnDirectory, refuseLinks } = await import('../../src/io/own-path.js');

const { at } = useRecordedDirectory(disk);

const [, , space] = ownerToken().split('-');
/** No process has this number. */
const DEAD = `${2 ** 22 + 1}-123-${space}`;
const ELSEWHERE = '4321-123-0badcafe';
const DAY_MS = 86_400_000;

const written = (...names: string[]) => {
  for (const name of names) writeFileSync(at(name), '');
};

test('a temporary name is hidden, beside its target, recognised, and not too long for a file system', () => {
  for (const name of ['file', 'a.b', 'x'.repeat(255), 'é'.repeat(120)]) {
    const temporary = temporaryPath(at(name));
    expect(path.dirname(temporary)).toBe(at());
    expect(isTemporaryName(path.basename(temporary))).toBe(true);
    written(path.basename(temporary));
  }
  expect(temporaryPath(at('file'))).not.toBe(temporaryPath(at('file')));
});

test.each([
  'file',
  `file.${DEAD}.0123abcd.atc-tmp`,
  `..${DEAD}.0123abcd.atc-tmp`,
  `.file.${DEAD}.0123abcd.atc-tmp.bak`,
  `.file.${DEAD}.0123abcd.atc-tm`,
  `.file.${DEAD}.0123abc.atc-tmp`,
  '.file.x-123-0123abcd.0123abcd.atc-tmp',
  '.file.1-x-0123abcd.0123abcd.atc-tmp',
  '.file.1-2-0123abcg.0123abcd.atc-tmp',
])('%s is no temporary name: it stays', (name) => {
  written(name);
  expect(isTemporaryName(name)).toBe(false);
  expect(sweepTemporaries(at())).toEqual([]);
  expect(readdirSync(at())).toEqual([name]);
});

test('files and whole directories of dead owners are removed, those of this process are not', () => {
  const own = path.basename(temporaryPath(at('own')));
  written(own, `.file.${DEAD}.0123abcd.atc-tmp`);
  mkdirSync(at(`.d.${DEAD}.0123abcd.atc-tmp/inner`), { recursive: true });
  expect(sweepTemporaries(at()).sort()).toEqual([
    at(`.d.${DEAD}.0123abcd.atc-tmp`),
    at(`.file.${DEAD}.0123abcd.atc-tmp`),
  ]);
  expect(readdirSync(at())).toEqual([own]);
});

test('those of owners that cannot be asked are removed once they are a day old', () => {
  const [old, young] = ['old', 'young'].map((name) => `.${name}.${ELSEWHERE}.0123abcd.atc-tmp`);
  written(old, young);
  const longAgo = new Date(Date.now() - DAY_MS - 60_000);
  utimesSync(at(old), longAgo, longAgo);
  const recently = new Date(Date.now() - DAY_MS + 60_000);
  utimesSync(at(young), recently, recently);
  expect(sweepTemporaries(at())).toEqual([at(old)]);
  expect(isAbandoned(ELSEWHERE, at('nothing'))).toBe(false);
  expect(isAbandoned(DEAD, at('nothing'))).toBe(true);
  expect(isAbandoned(ownerToken(), at('nothing'))).toBe(false);
});

test('what cannot be removed stays and is not among the removed; the rest goes', () => {
  const [one, two] = ['one', 'two'].map((name) => `.${name}.${DEAD}.0123abcd.atc-tmp`);
  written(one, two);
  disk.failure = (call) => (call === 'remove ~one' ? 'EACCES' : undefined);
  expect(sweepTemporaries(at())).toEqual([at(two)]);
});

test('traces are locks, marks of readers and unfinished things of dead owners', () => {
  const traces = [
    `.write.${DEAD}.0123abcd.atc-lock`,
    `.file.${DEAD}.0123abcd.atc-tmp`,
    `lease.12.${DEAD}.0123abcd`,
    `doomed.3.${DEAD}.0123abcd`,
  ];
  const others = [
    'lease.12',
    `Xlease.12.${DEAD}.0123abcd`,
    `lease.x.${DEAD}.0123abcd`,
    `lease.12.${DEAD}.0123abcd.txt`,
    `lease.12.${DEAD}.0123abc`,
    `mark.12.${DEAD}.0123abcd`,
    `lease.1.${ownerToken()}.0123abcd`,
  ];
  written(...traces, ...others);
  sweepTraces(at());
  expect(readdirSync(at()).sort()).toEqual([...others].sort());
});

test('a directory that cannot be listed hinders nobody who only sweeps it', () => {
  disk.failure = (call) => (call === 'list .' ? 'EACCES' : undefined);
  sweepTraces(at());
  sweepOnce(at());
  expect(() => namesIn(at())).toThrow(expect.objectContaining({ code: 'IO', path: at() }));
  expect(() => sweepTemporaries(at())).toThrow(expect.objectContaining({ code: 'IO' }));
  expect(namesIn(at('nothing'))).toEqual([]);
});

test('a process sweeps a directory once, and never one that is unfinished itself', () => {
  sweepOnce(at());
  sweepOnce(at());
  expect(disk.calls).toEqual(['list .']);
  const inside = at(path.basename(temporaryPath(at('d'))));
  mkdirSync(inside);
  sweepOnce(inside);
  expect(disk.calls).toEqual(['list .']);
});

test('a mark that cannot be removed is left', () => {
  written('mark');
  disk.failure = (call) => (call === 'remove mark' ? 'EROFS' : undefined);
  removeMark(at('mark'));
  expect(readdirSync(at())).toEqual(['mark']);
  disk.start(at());
  removeMark(at('mark'));
  removeMark(at('mark'));
  expect(readdirSync(at())).toEqual([]);
});

test('files and directories are distinguished from links to them, and from nothing', () => {
  written('file');
  mkdirSync(at('folder'));
  symlinkSync(at('file'), at('to-file'));
  symlinkSync(at('folder'), at('to-folder'));
  const names = ['file', 'folder', 'to-file', 'to-folder', 'nothing', 'file/below'];
  expect(names.filter((name) => isRealFile(at(name)))).toEqual(['file']);
  expect(names.filter((name) => isRealDirectory(at(name)))).toEqual(['folder']);
  expect(names.filter((name) => isOwnDirectory(at(), name))).toEqual(['folder']);
  for (const name of ['file', 'folder', 'nothing', 'nothing/below', 'file/below']) refuseLinks(at(), name);
  for (const name of ['to-file', 'to-folder', 'to-folder/below']) {
    expect(() => refuseLinks(at(), name)).toThrow(
      expect.objectContaining({ code: 'CORRUPT', path: at(name.split('/')[0]) }),
    );
  }
});
