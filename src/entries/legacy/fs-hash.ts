/**
 * Files of cache-manager-fs-hash 1 to 3: `diskstore-<md5>` as .json or (zipped) .json.gz, flat or below a directory of
 * three digits.
 */

import path from 'node:path';
import { promisify } from 'node:util';
import type * as Zlib from 'node:zlib';
import { identifyFile, listDirectory, removeFile, removeIfEmpty } from '../../cache-directory/entry-files.js';
import { AtcError } from '../../errors.js';
import { writeFileAtomic } from '../../io/atomic-file.js';
import { createHash } from '../../io/crypto.js';
import { isRealDirectory, refuseLinks } from '../../io/own-path.js';
import { requireNow } from '../../require-now.js';
import { FS_HASH_PREFIX } from '../upkeep.js';
import { externalSizes, fsHashJson, parseFsHashJson } from './fs-hash-json.js';
import { closeKeyvItem, openKeyvItem } from './keyv-item.js';
import type { LegacyEntries, LegacyEntry, LegacyFormat } from './legacy-entries.js';
import { damaged, readLegacyFile, textWithin, tooLarge } from './legacy-file.js';

type Format = Extract<LegacyFormat, { name: 'cache-manager-fs-hash' }>;
type Layout = Pick<Format, 'zip' | 'subdirs' | 'hash'>;

const PREFIX = FS_HASH_PREFIX;
const ENTRY = /\.json(\.gz)?$/;

const zlib = () => requireNow<typeof Zlib>('node:zlib');
const inflateText = (bytes: Uint8Array, options: Zlib.ZlibOptions) => promisify(zlib().unzip)(bytes, options);
const deflateText = (bytes: Uint8Array) => promisify(zlib().deflate)(bytes);

/** The reader of a directory that holds such files; undefined for any other. */
export async function openFsHash(directory: string, maxBytes: number): Promise<FsHashEntries | undefined> {
  for (const { name } of await listDirectory(directory)) {
    if (name.startsWith(PREFIX)) return new FsHashEntries(directory, maxBytes);
  }
  return undefined;
}

export class FsHashEntries implements LegacyEntries {
  readonly name = 'cache-manager-fs-hash';

  readonly #directory: string;
  readonly #maxBytes: number;

  /** `maxBytes`: most memory of one value. */
  constructor(directory: string, maxBytes: number) {
    this.#directory = directory;
    this.#maxBytes = maxBytes;
  }

  async read(key: string): Promise<LegacyEntry | undefined> {
    for (const layout of LAYOUTS) {
      const entry = await this.#readFile(this.#pathOf(key, layout), layout);
      // Without hashing different keys may share a file.
      if (entry?.key === key) return entry;
    }
    return undefined;
  }

  async remove(key: string): Promise<boolean> {
    let removed = false;
    for (const layout of LAYOUTS) {
      const base = this.#pathOf(key, layout);
      if (!layout.hash && (await this.#readFile(base, layout))?.key !== key) continue;
      removed = (await this.#removeFiles(base, layout)) || removed;
    }
    return removed;
  }

  async *entries(onDamage?: (file: string, error: unknown) => void): AsyncGenerator<LegacyEntry, void> {
    for (const file of await this.#files()) {
      const zip = file.endsWith('.gz');
      const base = file.replace(ENTRY, '');
      try {
        const entry = await this.#readFile(path.join(this.#directory, base), { zip, subdirs: base.includes(path.sep) });
        if (entry === undefined) continue;
        const layout = LAYOUTS.find((one) => one.zip === zip && this.#pathOf(entry.key, one).endsWith(path.sep + base));
        if (layout === undefined) {
          throw new AtcError('UNSUPPORTED', `${file} is not named as its key would be; which hash was used?`, {
            path: file,
          });
        }
        yield { ...entry, format: { ...entry.format, ...layout } as Format };
      } catch (error) {
        onDamage?.(path.join(this.#directory, file), error);
      }
    }
  }

  async removeAll(keys: readonly string[]): Promise<void> {
    for (const key of keys) await this.remove(key);
  }

  async writeAll(entries: readonly LegacyEntry[]): Promise<void> {
    for (const entry of entries) await this.#write(entry);
  }

  async #write({ key, value, expires, format: anyFormat }: LegacyEntry): Promise<void> {
    const format = anyFormat as Format;
    const { zip } = format;
    const { text, external } = fsHashJson({
      expireTime: Number.isFinite(expires) ? expires : null,
      key,
      val: closeKeyvItem(value, expires, format.items),
    });
    const base = this.#pathOf(key, format);
    if (format.subdirs) refuseLinks(this.#directory, path.basename(path.dirname(base)));
    const pack = async (bytes: Uint8Array) => (zip ? await deflateText(bytes) : bytes);
    for (const { index, bytes } of external) {
      await writeFileAtomic(externalPath(base, index, zip), await pack(bytes));
    }
    await writeFileAtomic(jsonPath(base, zip), await pack(Buffer.from(text)));
  }

  async #readFile(base: string, layout: Omit<Layout, 'hash'>): Promise<LegacyEntry | undefined> {
    // A link in place of a directory may lead anywhere.
    if (layout.subdirs && !isRealDirectory(path.dirname(base))) return undefined;
    const file = jsonPath(base, layout.zip);
    const opened = await readLegacyFile(file, this.#maxBytes);
    if (opened === undefined) return undefined;
    const utf8 = await this.#unpack(file, opened.bytes, layout.zip, this.#maxBytes);
    const text = textWithin(file, utf8, this.#maxBytes);
    const external = new Map<number, Buffer>();
    let byteLength = opened.bytes.length;
    let room = this.#maxBytes - utf8.length;
    for (const [index, size] of readable(file, () => externalSizes(text))) {
      if ((room -= size) < 0) throw tooLarge(file, this.#maxBytes - room, this.#maxBytes);
      const beside = await this.#readBeside(file, externalPath(base, index, layout.zip), layout.zip, index, size);
      byteLength += beside.fileBytes;
      external.set(index, beside.bytes);
    }
    const data = readable(file, () => parseFsHashJson(text, external));
    const { key, val, expireTime } = (data ?? {}) as { key?: unknown; val?: unknown; expireTime?: unknown };
    if (typeof key !== 'string') throw damaged(file, 'it holds no key');
    // Objects stay as they are: here { value: … } may well be the user's own.
    const item = typeof val === 'string' ? openKeyvItem(val) : openKeyvItem({ value: val });
    const items = typeof val === 'string' ? item.items : 'values';
    const expires = typeof expireTime === 'number' ? expireTime : Infinity;
    const format = { name: this.name, ...layout, hash: true, items } satisfies Format;
    return { key, value: item.value, expires: Math.min(expires, item.expires), byteLength, format };
  }

  /** Buffer `index` of an entry, of exactly `size` bytes: a file that does not have them is not read. */
  async #readBeside(file: string, besidePath: string, zip: boolean, index: number, size: number) {
    const identity = await identifyFile(besidePath);
    const wrong = () => damaged(file, `its buffer ${index} has not ${size} bytes`);
    if (!zip && identity !== undefined && identity.byteLength !== size) throw wrong();
    const beside = await readLegacyFile(besidePath, this.#maxBytes);
    if (beside === undefined) throw damaged(file, `its buffer ${index} is missing`);
    const bytes = await this.#unpack(file, beside.bytes, zip, size);
    if (bytes.length !== size) throw wrong();
    return { bytes, fileBytes: beside.bytes.length };
  }

  /** CORRUPT when it cannot be read, ARGUMENT when it inflates to more than `most`. */
  async #unpack(file: string, bytes: Uint8Array, zip: boolean, most: number): Promise<Buffer> {
    if (!zip) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    try {
      return await inflateText(bytes, { maxOutputLength: Math.max(1, most) });
    } catch (cause) {
      if ((cause as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(file, most + 1, most);
      throw damaged(file, 'it cannot be read', cause);
    }
  }

  async #removeFiles(base: string, { zip, subdirs }: Layout): Promise<boolean> {
    if (subdirs && !isRealDirectory(path.dirname(base))) return false;
    if (!(await removeFile(jsonPath(base, zip)))) return false;
    for (let index = 0; await removeFile(externalPath(base, index, zip)); index++);
    if (subdirs) await removeIfEmpty(path.dirname(base));
    return true;
  }

  async #files(): Promise<string[]> {
    const found: string[] = [];
    for (const entry of await listDirectory(this.#directory)) {
      if (!entry.name.startsWith(PREFIX)) continue;
      if (!entry.isDirectory()) found.push(entry.name);
      else {
        const below = await listDirectory(path.join(this.#directory, entry.name));
        found.push(...below.map(({ name }) => path.join(entry.name, name)));
      }
    }
    return found.filter((file) => ENTRY.test(file));
  }

  #pathOf(key: string, { subdirs, hash }: Layout): string {
    const name = hash ? createHash('md5').update(key).digest('hex') : key.replaceAll(/[^a-zA-Z0-9_-]/g, '_');
    return subdirs
      ? path.join(this.#directory, PREFIX + name.substring(0, 3), name.substring(3))
      : path.join(this.#directory, PREFIX + name);
  }
}

/** Its options, the defaults first. */
const LAYOUTS: readonly Layout[] = [true, false].flatMap((hash) =>
  [true, false].flatMap((subdirs) => [false, true].map((zip) => ({ hash, subdirs, zip }))),
);

function readable<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw damaged(file, 'it cannot be read', cause);
  }
}

function jsonPath(base: string, zip: boolean): string {
  return `${base}.json${zip ? '.gz' : ''}`;
}

function externalPath(base: string, index: number, zip: boolean): string {
  return `${base}-${index}.bin${zip ? '.gz' : ''}`;
}
