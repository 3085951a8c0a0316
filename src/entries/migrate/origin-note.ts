/**
 * `.atc-migrated.json` in a migrated directory: the formats its entries came from. An entry's header has the index of
 * its own, so that every entry can be written back the way it was.
 */
import path from 'node:path';
import { removeFile } from '../../cache-directory/entry-files.js';
import { AtcError } from '../../errors.js';
import { readFileIfPresent, writeFileAtomic } from '../../io/atomic-file.js';
import type { LegacyFormat } from '../legacy/legacy-entries.js';

const FILE = '.atc-migrated.json';
const VERSION = 1;
/** The index plus one has a byte in the header. */
const MAX_FORMATS = 254;

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
    const bytes = await readFileIfPresent(file);
    return new OriginNote(file, bytes === undefined ? [] : parse(file, Buffer.from(bytes).toString()));
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
    if (version === VERSION && Array.isArray(formats)) return formats;
  } catch {
    // Reported below.
  }
  throw new AtcError('CORRUPT', `${file} is damaged; without it the entries cannot be written back as they were`, {
    path: file,
  });
}
