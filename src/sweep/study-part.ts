/** What a shard has computed, as bytes that can be sent: the units of a study, with what identifies it. */
import path from 'node:path';
import { requirePath } from '../arguments.js';
import { AtcError } from '../errors.js';
import { readFileIfPresent, writeFileAtomic } from '../io/atomic-file.js';
import { createHash } from '../io/crypto.js';
import { sweepOnce } from '../io/temporary.js';
import { decodeValue, encodeValue } from '../value/value-frame.js';
import type { StudyCut } from './study-files.js';

/** What the bytes of a part decode to. */
export interface PartContent {
  readonly identity: Readonly<Record<string, unknown>>;
  readonly cut: StudyCut;
  /** Bytes of the unit files by their names. */
  readonly units: ReadonlyMap<string, Uint8Array>;
}

const FORMAT = 'atc-memory study part 1';

/** Part of a study, computed by `sweepPart`: `merge` of `sweep` takes it as it takes the directory of a shard. */
export class StudyPart {
  /** What is sent: a value frame with the finished units and what identifies their study. */
  readonly bytes: Uint8Array;
  #sha256: string | undefined;

  /**
   * A part out of bytes as another `StudyPart` has them; they are checked when it is merged.
   *
   * @throws AtcError ARGUMENT for what is no bytes.
   */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    if (bytes instanceof Uint8Array) return;
    throw new AtcError('ARGUMENT', 'a StudyPart is made of the bytes (Uint8Array) of another one');
  }

  /** Digest of the bytes, 64 hexadecimal digits. */
  get sha256(): string {
    this.#sha256 ??= createHash('sha256').update(this.bytes).digest('hex');
    return this.#sha256;
  }

  /** Writes the bytes to a file, which is there complete or not at all; a file that is there is replaced. */
  async write(file: string): Promise<void> {
    requirePath(file, 'the file of a study part');
    sweepOnce(path.dirname(file));
    await writeFileAtomic(file, this.bytes);
  }

  /**
   * A part that `write` stored. `sha256`: what its bytes must be.
   *
   * @throws AtcError IO where there is no such file, CORRUPT when its bytes are others.
   */
  static async read(file: string, sha256?: string): Promise<StudyPart> {
    requirePath(file, 'the file of a study part');
    const bytes = await readFileIfPresent(file);
    if (bytes === undefined) throw new AtcError('IO', `there is no study part ${file}`, { path: file });
    const part = new StudyPart(bytes);
    if (sha256 === undefined || part.sha256 === sha256) return part;
    const message =
      `${file} has the SHA-256 ${part.sha256}, not ${sha256}; it is not used: remove it, and its trials are run ` +
      'again';
    throw new AtcError('CORRUPT', message, { path: file });
  }
}

export function partOf({ identity, cut, units }: PartContent): StudyPart {
  return new StudyPart(encodeValue({ format: FORMAT, identity, cut, units }, { level: 1 }));
}

/** @throws AtcError CORRUPT for bytes that are no part, or a damaged one. */
export function contentOf({ bytes }: StudyPart): PartContent {
  let content: PartContent & { readonly format?: unknown };
  try {
    content = decodeValue(bytes) as typeof content;
  } catch (cause) {
    throw new AtcError('CORRUPT', `a study part is damaged (${(cause as Error).message})`, { cause });
  }
  if (content?.format === FORMAT) return content;
  throw new AtcError('CORRUPT', 'these bytes are no part of a study, or that of another release');
}
