/**
 * A cache directory of another package becomes one of ours, in place: entry by entry, each verified before the old one
 * goes.
 */
import path from 'node:path';
import { isStillThere, readEntryFile } from '../../cache-directory/entry-files.js';
import { type CompressionOptions, resolveCompression } from '../../codec/compression-options.js';
import { AtcError, isAtcError } from '../../errors.js';
import { writeFileAtomic } from '../../io/atomic-file.js';
import { systemCode } from '../../io/io-error.js';
import { refuseLinks } from '../../io/own-path.js';
import { isDirectory } from '../../io/path-kind.js';
import { firstDifference } from '../../value/same-value.js';
import { encodeFrame, FrameKind } from '../../value/value-frame.js';
import { decodeEntryFrame, decodeEntryHeader, type EntryFacts, encodeEntry, entryPath } from '../entry-file.js';
import type { LegacyEntries, LegacyEntry } from '../legacy/legacy-entries.js';
import { entryFiles } from '../upkeep.js';
import { alone } from './alone.js';
import { OriginNote } from './origin-note.js';
import { type MigrationReport, ReportBuilder } from './report.js';

export interface MigrateOptions extends CompressionOptions {
  /** Report what would be done and change nothing. Default false. */
  readonly dryRun?: boolean;
  /** Stops between two entries by throwing the signal's reason; run it again to continue. */
  readonly signal?: AbortSignal;
  /** Called with the number of entries done so far. */
  readonly onProgress?: (entries: number) => void;
}

/** Old entries that are removed together: a file that holds all of them is rewritten each time. */
const BATCH = 10_000;
/** An entry of ours that gets smaller by less than this stays as it is. */
const WORTH = 0.95;

/**
 * Converts what cache-manager-fs-hash and keyv-file left in `directory`, and entries of ours that were written with
 * compression off. Safe to interrupt and to run again; an entry of ours that is there already is newer and stays. What
 * cannot be stored exactly or is damaged is left as it is and listed. Throws IO for a directory that is missing or
 * cannot be written, or that another process is migrating, ARGUMENT.
 */
export async function migrateDirectory(directory: string, options: MigrateOptions = {}): Promise<MigrationReport> {
  resolveCompression(options);
  if (!isDirectory(directory)) throw new AtcError('ARGUMENT', `${directory} is no directory`, { path: directory });
  return alone(directory, options, async () => {
    const builder = new ReportBuilder(options.onProgress);
    // Ours first: what is converted below is compressed already.
    await compressOwn(directory, options, builder);
    const note = await OriginNote.open(directory);
    const { openLegacy } = await import('../legacy/open-legacy.js');
    for (const legacy of await openLegacy(directory)) await convert(directory, legacy, note, options, builder);
    return builder.report(directory, options.dryRun === true);
  });
}

async function convert(
  directory: string,
  legacy: LegacyEntries,
  note: OriginNote,
  options: MigrateOptions,
  builder: ReportBuilder,
): Promise<void> {
  const converted: string[] = [];
  const removeConverted = async () => {
    if (options.dryRun !== true) await legacy.removeAll(converted.splice(0));
  };
  try {
    for await (const entry of legacy.entries((file, error) => builder.leave(file, error))) {
      options.signal?.throwIfAborted();
      try {
        builder.add(legacy.name, entry.byteLength, await convertEntry(directory, entry, note, options));
        converted.push(entry.key);
      } catch (error) {
        if (!isAtcError(error) || error.code === 'IO') throw error;
        builder.leave(entry.key, error);
      }
      if (converted.length >= BATCH) await removeConverted();
    }
  } finally {
    await removeConverted();
  }
}

/** Writes and verifies one entry; returns the bytes of its file. */
async function convertEntry(
  directory: string,
  { key, value, expires, format }: LegacyEntry,
  note: OriginNote,
  options: MigrateOptions,
): Promise<number> {
  const { bytes: frame } = encodeFrame(value, FrameKind.entry, options);
  const origin = options.dryRun === true ? 0 : await note.originOf(format);
  const bytes = encodeEntry({ key, expires, isBare: false, origin }, frame);
  if (options.dryRun === true) return bytes.length;
  const file = path.join(directory, entryPath(key));
  refuseLinks(directory, path.basename(path.dirname(file)));
  const isNew = await createEntry(file, bytes);
  const written = await readBack(file);
  const difference = isNew ? firstDifference(written.value, value) : undefined;
  if (written.facts.key !== key || difference !== undefined) {
    throw new AtcError('CORRUPT', `${file} does not hold what was written (${difference ?? 'its key'})`, {
      path: file,
    });
  }
  return written.byteLength;
}

/** False when there is an entry already: from an earlier run, or set since then. */
async function createEntry(file: string, bytes: Uint8Array): Promise<boolean> {
  try {
    await writeFileAtomic(file, bytes, { replace: false });
    return true;
  } catch (error) {
    if (isAtcError(error, 'IO') && systemCode(error.cause) === 'EEXIST') return false;
    throw error;
  }
}

interface WrittenEntry {
  readonly facts: EntryFacts;
  readonly value: unknown;
  readonly byteLength: number;
}

/** Reads an entry file of ours whole. Throws CORRUPT. */
export async function readBack(file: string): Promise<WrittenEntry> {
  const opened = await readEntryFile(file);
  if (opened === undefined) throw new AtcError('CORRUPT', `${file} was deleted by another process`, { path: file });
  return decodeEntry(file, opened.bytes);
}

function decodeEntry(file: string, bytes: Uint8Array): WrittenEntry {
  const header = decodeEntryHeader(bytes);
  if (typeof header === 'number') throw new AtcError('CORRUPT', `${file} is cut short`, { path: file });
  const { key, expires, isBare, origin } = header;
  const facts = { key, expires, isBare, origin };
  return { facts, value: decodeEntryFrame(bytes, header), byteLength: bytes.length };
}

/** Entries that were written with compression off. */
async function compressOwn(directory: string, options: MigrateOptions, builder: ReportBuilder): Promise<void> {
  for await (const { path: file, identity } of entryFiles(directory)) {
    options.signal?.throwIfAborted();
    try {
      const { facts, value, byteLength } = await readBack(file);
      const bytes = encodeEntry(facts, encodeFrame(value, FrameKind.entry, options).bytes);
      if (bytes.length > byteLength * WORTH) continue;
      const difference = firstDifference(decodeEntry(file, bytes).value, value);
      if (difference !== undefined)
        throw new AtcError('CORRUPT', `${difference} decodes to another value`, { path: file });
      // One that was set, or deleted, since it was listed is newer than what was read here.
      const isWanted = () => isStillThere(file, identity);
      if (options.dryRun !== true && !(await writeFileAtomic(file, bytes, { isWanted }))) continue;
      builder.add('atc-memory', identity.byteLength, bytes.length);
    } catch (error) {
      if (!isAtcError(error) || error.code === 'IO') throw error;
      builder.leave(file, error);
    }
  }
}
