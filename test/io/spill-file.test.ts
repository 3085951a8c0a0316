/** Bytes that are put aside: as they were, whatever each call takes, and nothing stays on the disk. */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { recordDisk } from './recorded-disk.js';

const disk = recordDisk();
const { SpillFile } = await import('../../src/io/spill-file.js');

/** The directory of the last file, which has a name of its own below the system's directory of temporary files. */
let made: string;
/** Fails calls of one kind. */
function fail(kind: string, code: string): void {
  disk.failure = (call) => {
    const [action, file] = call.split(' ');
    if (action === 'open') made = path.join(tmpdir(), path.dirname(file));
    return action === kind ? code : undefined;
  };
}
beforeEach(() => {
  disk.start(tmpdir());
  fail('nothing', '');
});
afterEach(() => {
  expect(path.basename(made)).toMatch(/^atc-rows-/);
  expect([existsSync(made), disk.open.size]).toEqual([false, 0]);
});

test('bytes are read from where they were put, and the name is gone at once', () => {
  const file = new SpillFile();
  disk.most = 3;
  const starts = ['first', 'second one', ''].map((text) => file.append(new TextEncoder().encode(text)));
  expect(starts).toEqual([0, 5, 15]);
  const target = new Uint8Array(10);
  file.read(5, target);
  expect(new TextDecoder().decode(target)).toBe('second one');
  if (process.platform !== 'win32') expect(existsSync(made)).toBe(false);
  file.close();
  file.close();
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
  fail('open', 'EMFILE');
  expect(() => new SpillFile()).toThrow(expect.objectContaining({ code: 'IO' }));
});

test('failures are reported with the path, and closing frees the descriptor whatever it reports', () => {
  const file = new SpillFile();
  file.append(new Uint8Array(4));
  for (const [kind, run] of [
    ['write', () => file.append(new Uint8Array(4))],
    ['read', () => file.read(0, new Uint8Array(4))],
    ['close', () => file.close()],
  ] as const) {
    fail(kind, 'EIO');
    expect(run).toThrow(expect.objectContaining({ code: 'IO', path: expect.stringContaining('atc-rows-') }));
  }
});
