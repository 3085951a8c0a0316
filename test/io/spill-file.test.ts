/** Bytes that are put aside: as they were, whatever each call takes, and nothing stays on the disk. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { recordDisk } from './recorded-disk.js';

const disk = recordDisk();
const { SpillFile } = await import('../../src/io/spill-file.js');

const { TMPDIR } = process.env;
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'atc-spill-'));
  process.env.TMPDIR = directory;
  disk.start(directory);
});
afterEach(() => {
  if (TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = TMPDIR;
  disk.start('');
  rmSync(directory, { recursive: true, force: true });
});

test('bytes are read from where they were put, and the name is gone at once', () => {
  const file = new SpillFile();
  disk.most = 3;
  const starts = ['first', 'second one', ''].map((text) => file.append(new TextEncoder().encode(text)));
  expect(starts).toEqual([0, 5, 15]);
  const target = new Uint8Array(10);
  file.read(5, target);
  expect(new TextDecoder().decode(target)).toBe('second one');
  expect(readdirSync(directory)).toEqual([]);
  file.close();
  file.close();
  expect(disk.open.size).toBe(0);
});

test('bytes that are not there are an error, not zeros', () => {
  const file = new SpillFile();
  file.append(new Uint8Array(4));
  expect(() => file.read(2, new Uint8Array(3))).toThrow(
    expect.objectContaining({ code: 'IO', message: expect.stringContaining('it ends at byte 4') }),
  );
  file.close();
});

test('a file that cannot be made leaves no directory', () => {
  disk.failure = (call) => (call.startsWith('open ') ? 'EMFILE' : undefined);
  expect(() => new SpillFile()).toThrow(expect.objectContaining({ code: 'IO' }));
  expect([readdirSync(directory), disk.open.size]).toEqual([[], 0]);
});

test('failures are reported with the path, and closing frees the descriptor whatever it reports', () => {
  const file = new SpillFile();
  for (const [call, run] of [
    ['write', () => file.append(new Uint8Array(4))],
    ['close', () => file.close()],
  ] as const) {
    disk.failure = (made) => (made.startsWith(call) ? 'EIO' : undefined);
    expect(run).toThrow(expect.objectContaining({ code: 'IO', path: expect.stringContaining('atc-rows-') }));
  }
  expect(disk.open.size).toBe(0);
});
