/**
 * Files as they lie -> the files inside: gzip, zip and Zstandard are undone on the way, recognised by their first
 * bytes.
 */
import path from 'node:path';
import { type Bytes, fileBytes, gunzip, unzstd } from '../io/source-bytes.js';
import { zipMembers } from '../io/zip-file.js';
import { fileDamage } from './damage.js';
import { encodingOf, toUtf8 } from './encoding.js';
import type { SourceFile } from './format.js';
import type { ImportOptions } from './options.js';

/** Bytes at the beginning of a file that recognition and the plan of a table are made from. */
export const HEAD_BYTES = 1 << 16;

interface Raw {
  readonly path: string;
  readonly name: string;
  readonly folders: readonly string[];
  readonly depth: number;
  readonly plainPath?: string;
  bytes(): Bytes;
}

const MAGIC = {
  gzip: [0x1f, 0x8b],
  zip: [0x50, 0x4b, 0x03, 0x04],
  emptyZip: [0x50, 0x4b, 0x05, 0x06],
  zstd: [0x28, 0xb5, 0x2f, 0xfd],
} as const;

/** Kinds that nobody has to guess about: what they are, and what to do. */
const FOREIGN: readonly (readonly [readonly number[], string])[] = [
  [[0x25, 0x50, 0x44, 0x46], 'a PDF document'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'an Excel workbook (.xls); save the sheet as CSV'],
  [[0x37, 0x7a, 0xbc, 0xaf], 'a 7z archive; unpack it first'],
  [[0x52, 0x61, 0x72, 0x21], 'a RAR archive; unpack it first'],
  [[0xfd, 0x37, 0x7a, 0x58], 'an xz file; unpack it first'],
  [[0x42, 0x5a, 0x68], 'a bzip2 file; unpack it first'],
  [[0x89, 0x48, 0x44, 0x46], 'an HDF5 file; write it as Parquet or CSV from Python (df.to_parquet)'],
  [[0x53, 0x51, 0x4c, 0x69], 'an SQLite database; export its table as CSV'],
  [[0x80, 0x02], 'a Python pickle, which is a program: it is never loaded; write it as Parquet or CSV from Python'],
  [[0x80, 0x03], 'a Python pickle, which is a program: it is never loaded; write it as Parquet or CSV from Python'],
  [[0x80, 0x04], 'a Python pickle, which is a program: it is never loaded; write it as Parquet or CSV from Python'],
  [[0x80, 0x05], 'a Python pickle, which is a program: it is never loaded; write it as Parquet or CSV from Python'],
];

interface FilesAtOptions {
  readonly signal?: AbortSignal;
  readonly onBytes?: (bytes: number) => void;
  /** The folder that the path was found below. */
  readonly root?: string;
}

/**
 * The files in what stands at a path (`-`: standard input). `isFormat`: bytes that are a known format of their own are
 * not looked into.
 */
export async function filesAt(
  given: string,
  options: ImportOptions,
  isFormat: (head: Uint8Array, name: string) => boolean,
  { signal, onBytes, root }: FilesAtOptions = {},
): Promise<SourceFile[]> {
  if (given === '-') {
    const input = new InputWithHead(fileBytes('-', signal, onBytes));
    const files = await open(
      { path: '-', name: '-', folders: [], depth: 0, bytes: () => input },
      options,
      isFormat,
      false,
    );
    input.release();
    return files;
  }
  const full = path.resolve(given);
  const folders = foldersOf(path.dirname(full));
  const raw: Raw = {
    path: given,
    name: path.basename(full),
    folders,
    // The folder itself is one of them.
    depth: root === undefined ? 0 : Math.min(folders.length, folders.length - foldersOf(path.resolve(root)).length + 1),
    plainPath: full,
    bytes: () => fileBytes(full, signal, onBytes),
  };
  return open(raw, options, isFormat, true);
}

function foldersOf(directory: string): string[] {
  return directory.split(path.sep).filter((part) => part !== '');
}

async function open(
  raw: Raw,
  options: ImportOptions,
  isFormat: (head: Uint8Array, name: string) => boolean,
  isOuter: boolean,
): Promise<SourceFile[]> {
  const head = await headOf(raw.bytes());
  if (beginsWith(head, MAGIC.gzip))
    return open(
      inside(raw, 'gz', (bytes) => gunzip(bytes, raw.path)),
      options,
      isFormat,
      isOuter,
    );
  if (beginsWith(head, MAGIC.emptyZip)) throw fileDamage(raw, 'the zip archive is empty');
  // An archive of arrays is read as one; any other zip is looked into, whatever it is called.
  if (beginsWith(head, MAGIC.zip) && !/\.npz$/i.test(raw.name)) return openZip(raw, options, isFormat, isOuter);
  if (beginsWith(head, MAGIC.zstd))
    return open(
      inside(raw, 'zst', (bytes) => unzstd(bytes, raw.path)),
      options,
      isFormat,
      isOuter,
    );
  if (isFormat(head, raw.name)) return [{ ...raw, head, bytes: () => raw.bytes() }];
  const foreign = FOREIGN.find(([magic]) => beginsWith(head, magic));
  if (foreign !== undefined) throw fileDamage(raw, `it is ${foreign[1]}`);
  if (String.fromCharCode(...head.subarray(257, 262)) === 'ustar')
    throw fileDamage(raw, 'it is a tar archive; unpack it first');
  return [asText(raw, head, options)];
}

function asText(raw: Raw, head: Uint8Array, { encoding }: ImportOptions): SourceFile {
  const found = encoding ?? encodingOf(head);
  if (found === 'utf-8') {
    if (head.subarray(0, 4096).includes(0))
      throw fileDamage(raw, 'these bytes are neither text nor a format that is known (docs/formats.md)');
    return { ...raw, head, bytes: () => raw.bytes() };
  }
  return {
    ...raw,
    plainPath: undefined,
    head: new TextEncoder().encode(decodeHead(head, found)),
    bytes: () => toUtf8(raw.bytes(), found, raw.path),
  };
}

function decodeHead(head: Uint8Array, encoding: string): string {
  const even = head.length >= HEAD_BYTES && encoding.startsWith('utf-16') ? head.subarray(0, head.length & ~1) : head;
  return new TextDecoder(encoding).decode(even);
}

async function openZip(
  raw: Raw,
  options: ImportOptions,
  isFormat: (head: Uint8Array, name: string) => boolean,
  isOuter: boolean,
): Promise<SourceFile[]> {
  if (raw.plainPath === undefined || !isOuter) {
    throw fileDamage(raw, 'a zip archive inside another file or a pipe cannot be read; unpack it first');
  }
  const members = (await zipMembers(raw.plainPath)).filter(({ name }) => !/(^|\/)(\.|__MACOSX\/)/.test(name));
  if (members.some(({ name }) => name === 'xl/workbook.xml'))
    throw fileDamage(raw, 'it is an Excel workbook (.xlsx); save the sheet as CSV');
  if (members.length === 0) throw fileDamage(raw, 'the zip archive is empty');
  const files: SourceFile[] = [];
  for (const member of members) {
    const parts = member.name.split('/');
    const inner: Raw = {
      path: `${raw.path}:${member.name}`,
      name: parts[parts.length - 1],
      // The archive counts as a folder: it may say what its member does not.
      folders: [...raw.folders, raw.name, ...parts.slice(0, -1)],
      depth: raw.depth + parts.length,
      bytes: member.bytes,
    };
    files.push(...(await open(inner, options, isFormat, false)));
  }
  return files;
}

function inside(raw: Raw, ending: string, undo: (bytes: Bytes) => Bytes): Raw {
  const name = raw.name.replace(new RegExp(`\\.${ending}(ip|d)?$`, 'i'), '');
  return { ...raw, name, plainPath: undefined, bytes: () => undo(raw.bytes()) };
}

function beginsWith(head: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, k) => head[k] === byte);
}

/** The first bytes; up to HEAD_BYTES. */
export async function headOf(bytes: Bytes): Promise<Uint8Array> {
  const head = new Uint8Array(HEAD_BYTES);
  let length = 0;
  for await (const chunk of bytes) {
    const part = chunk.subarray(0, HEAD_BYTES - length);
    head.set(part, length);
    length += part.length;
    if (length === HEAD_BYTES) break;
  }
  return head.slice(0, length);
}

/**
 * Standard input can be read once. Until `release`, whatever is read is also remembered, so that every look at the head
 * begins anew; after it the next reader gets what is remembered and then the rest.
 */
class InputWithHead implements AsyncIterable<Uint8Array> {
  readonly #iterator: AsyncIterator<Uint8Array>;
  #known: Uint8Array[] = [];
  #isReleased = false;

  constructor(bytes: Bytes) {
    this.#iterator = bytes[Symbol.asyncIterator]();
  }

  release(): void {
    this.#isReleased = true;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (let at = 0; ; at += 1) {
      if (at < this.#known.length) {
        yield this.#known[at];
        continue;
      }
      const next = await this.#iterator.next();
      if (next.done === true) return;
      if (this.#isReleased) {
        this.#known = [];
        yield next.value;
        at = -1;
      } else {
        this.#known.push(next.value.slice());
        yield next.value;
      }
    }
  }
}
