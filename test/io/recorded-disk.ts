/**
 * `node:fs` as the sources see it in one test file: calls that change the disk are recorded, and fail or fall short as
 * a test wants. Modules that are to see it are imported after `recordDisk`.
 */
import * as nodeFs from 'node:fs';
import * as nodePromises from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jest } from '@jest/globals';

export interface RecordedDisk {
  /** `write a`, `sync a`, `rename ~a a` in their order: paths below the directory, `~a` a temporary name of `a`. */
  readonly calls: string[];
  /** The error code that a call, as it would be recorded, fails with; undefined lets it pass. */
  failure: (call: string) => string | undefined;
  /** Bytes that one call writes or reads at most. */
  most: number;
  /** Descriptors that were opened below the directory and not closed. */
  readonly open: ReadonlySet<number>;
  /** Forgets what was recorded and wanted, and names the directory of the next calls. */
  start(directory: string): void;
}

type Fs = typeof nodeFs;

/** Copies: what stands here is called, whatever takes its name later. */
const fs = { ...nodeFs };
const promises = { ...nodePromises };

/** A directory for each test of a file, of which `disk` records the calls. */
export function useRecordedDirectory(disk: RecordedDisk) {
  let directory = '';
  beforeEach(() => {
    directory = fs.mkdtempSync(path.join(tmpdir(), 'atc-recorded-'));
    disk.start(directory);
  });
  afterEach(() => {
    disk.start('');
    fs.rmSync(directory, { recursive: true, force: true });
  });
  return { at: (...names: string[]) => path.join(directory, ...names) };
}

export function recordDisk(): RecordedDisk {
  let root = '';
  const paths = new Map<number, string>();
  const disk = {
    calls: [] as string[],
    failure: (_call: string): string | undefined => undefined,
    most: Number.POSITIVE_INFINITY,
    get open() {
      return new Set(paths.keys());
    },
    start(directory: string) {
      root = directory;
      disk.calls.length = 0;
      disk.failure = () => undefined;
      disk.most = Number.POSITIVE_INFINITY;
    },
  };
  const nameOf = (file: string) => {
    const relative = path.relative(root, path.resolve(file));
    const shown = relative.replaceAll(/(^|\/)\.([^/]+?)\.\d+-\d+-[0-9a-f]{8}\.[0-9a-f]{8}\.atc-tmp/g, '$1~$2');
    return shown === '' ? '.' : shown.startsWith('..') ? undefined : shown;
  };
  /** Runs a call on files below the directory, unless it is to fail; calls on others are not recorded. */
  const call = <T>(action: string, files: readonly (string | undefined)[], run: () => T): T => {
    const names = files.map((file) => (file === undefined ? undefined : nameOf(file)));
    if (root === '' || names.includes(undefined)) return run();
    const text = [action, ...names].join(' ');
    const code = disk.failure(text);
    if (code !== undefined) throw Object.assign(new Error(`${code}: ${text}`), { code });
    disk.calls.push(text);
    return run();
  };
  const isOurs = (file: unknown): file is string => typeof file === 'string' && root !== '' && !!nameOf(file);

  const changed = {
    openSync: ((file, flags, mode) => {
      const descriptor = call('open', [String(file)], () => fs.openSync(file, flags, mode));
      if (isOurs(file)) paths.set(descriptor, file);
      return descriptor;
    }) as Fs['openSync'],
    closeSync: ((descriptor) => {
      const file = paths.get(descriptor);
      // It is free whatever closing it reports.
      paths.delete(descriptor);
      let failure: unknown;
      try {
        call('close', [file], () => undefined);
      } catch (error) {
        failure = error;
      }
      fs.closeSync(descriptor);
      if (failure !== undefined) throw failure;
    }) as Fs['closeSync'],
    writeSync: ((descriptor: number, bytes: Uint8Array, offset: number, length: number, at: number | null) =>
      call('write', [paths.get(descriptor)], () =>
        fs.writeSync(descriptor, bytes, offset, Math.min(length, disk.most), at),
      )) as unknown as Fs['writeSync'],
    readSync: ((descriptor: number, bytes: Uint8Array, offset: number, length: number, at: number | null) =>
      call('read', [paths.get(descriptor)], () =>
        fs.readSync(descriptor, bytes, offset, Math.min(length, disk.most), at),
      )) as unknown as Fs['readSync'],
    fsyncSync: ((descriptor) =>
      call('sync', [paths.get(descriptor)], () => fs.fsyncSync(descriptor))) as Fs['fsyncSync'],
    renameSync: ((from, to) =>
      call('rename', [String(from), String(to)], () => fs.renameSync(from, to))) as Fs['renameSync'],
    linkSync: ((from, to) => call('link', [String(from), String(to)], () => fs.linkSync(from, to))) as Fs['linkSync'],
    mkdirSync: ((directory: string, options: nodeFs.MakeDirectoryOptions) =>
      call('mkdir', [directory], () => fs.mkdirSync(directory, options))) as Fs['mkdirSync'],
    rmSync: ((target, options) => call('remove', [String(target)], () => fs.rmSync(target, options))) as Fs['rmSync'],
    readdirSync: ((directory: string, options: object) =>
      call('list', [directory], () => fs.readdirSync(directory, options))) as unknown as Fs['readdirSync'],
  };
  const open = async (file: string, flags?: string) => {
    const handle = await call('open', [file], () => promises.open(file, flags));
    if (!isOurs(file)) return handle;
    const { fd } = handle;
    paths.set(fd, file);
    const { close, sync, writeFile } = handle;
    return Object.assign(handle, {
      sync: async () => call('sync', [file], () => sync.call(handle)),
      writeFile: async (bytes: Uint8Array) => call('write', [file], () => writeFile.call(handle, bytes)),
      close: async () => {
        paths.delete(fd);
        await close.call(handle);
        if (handle.fd === -1) call('close', [file], () => undefined);
      },
    });
  };
  jest.unstable_mockModule('node:fs', () => ({ ...fs, ...changed }));
  jest.unstable_mockModule('node:fs/promises', () => ({ ...promises, open }));
  return disk;
}
