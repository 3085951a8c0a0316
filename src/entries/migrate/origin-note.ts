/**
 * `.atc-migrated.json` in a migrated directory: the formats its entries came from. An entry's header has the index of
 * its own, so that every entry can be written back the way it was.
 */
import path from 'node:path';
import { readEntryFile, removeFile } from '../../cache-directory/entry-files.js';
import { AtcError } from '../../errors.js';
import { writeFileAtomic } from '../../io/atomic-file.js';
import { refuseLinks } from '../../io/own-path.js';
import type { LegacyFormat } from '../legacy/legacy-entries.js';

const FILE = '.atc-migrated.json';
const VERSION = 1;
/** The index plus one has a byte in the header. */
const MAX_FORMATS = 254;
/** Each format has a file name of at most 255 bytes. */
const MAX_BYTES = 2 ** 18;
const ITEMS: readonly unknown[] = ['values', 'keyv-text', 'keyv-objects'];

export class OriginNote {
  readonly #file: string;

  private constructor(
    file: string,
    readonly formats: LegacyFormat[],
  ) {
    this.#file = file;
  }

  static async open(directory: string): Promise<OriginNote> {
    const file = path.join(directory, FILE);
    refuseLinks(directory, FILE);
    const opened = await readEntryFile(file, MAX_BYTES, MAX_BYTES);
    return new OriginNote(file, opened === undefined ? [] : parse(file, Buffer.from(opened.bytes).toString()));
  }

  /** The origin of an entry of that format, which is on disk when this resolves. */
  async originOf(format: LegacyFormat): Promise<number> {
    const text = JSON.stringify(format);
    let index = this.formats.findIndex((one) => JSON.stringify(one) === text);
    if (index < 0) {
      if (this.formats.length >= MAX_FORMATS) throw new AtcError('UNSUPPORTED', `more than ${MAX_FORMATS} formats`);
      index = this.formats.push(format) - 1;
      await writeFileAtomic(this.#file, `${JSON.stringify({ version: VERSION, formats: this.formats }, null, 2)}\n`);
    }
    return index + 1;
  }

  async remove(): Promise<void> {
    await removeFile(this.#file);
  }
}

function parse(file: string, text: string): LegacyFormat[] {
  try {
    const { version, formats } = JSON.parse(text) as { version: unknown; formats: LegacyFormat[] };
    if (version === VERSION && Array.isArray(formats) && formats.length <= MAX_FORMATS && formats.every(isFormat))
      return formats;
  } catch {
    // Reported below.
  }
  throw new AtcError('CORRUPT', `${file} is damaged; without it the entries cannot be written back as they were`, {
    path: file,
  });
}

/** The file of a format is written and deleted by its name: one that leads out of the directory is nobody's. */
function isFormat(format: unknown): format is LegacyFormat {
  const { name, items, file, zip, subdirs, hash } = (format ?? {}) as Record<string, unknown>;
  if (!ITEMS.includes(items)) return false;
  if (name === 'keyv-file') return typeof file === 'string' && file !== '' && !/^\.|[\\/\0]/.test(file);
  if (name === 'cache-manager-fs-hash') return [zip, subdirs, hash].every((flag) => typeof flag === 'boolean');
  return name === 'keyv-file-separated';
}
