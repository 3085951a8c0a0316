/**
 * The way back: the entries of a migrated directory are written as their former cache would, each verified before ours
 * is deleted.
 */
import path from 'node:path';
import { type FileIdentity, removeIfEmpty, takeAway } from '../../cache-directory/entry-files.js';
import { AtcError, isAtcError } from '../../errors.js';
import { isDirectory } from '../../io/path-kind.js';
import { firstDifference } from '../../value/same-value.js';
import type { LegacyEntry, LegacyFormat } from '../legacy/legacy-entries.js';
import { entryFiles } from '../upkeep.js';
import { alone } from './alone.js';
import { type MigrateOptions, readBack } from './migrate.js';
import { OriginNote } from './origin-note.js';
import { type MigrationReport, ReportBuilder } from './report.js';

interface OwnEntry {
  readonly file: string;
  readonly identity: FileIdentity;
  readonly entry: LegacyEntry;
}

/** Entries held in memory until a file that holds many of them is written. */
const BATCH = 5_000;

/**
 * Undoes `migrateDirectory`. Entries that were set since then go to the format of the first migrated one. What that
 * format cannot express (a typed array in keyv-file) stays an entry of ours and is listed. Throws ARGUMENT for a
 * directory that was not migrated, IO.
 */
export async function revertDirectory(directory: string, options: MigrateOptions = {}): Promise<MigrationReport> {
  if (!isDirectory(directory)) throw new AtcError('ARGUMENT', `${directory} is no directory`, { path: directory });
  return alone(directory, options, () => revert(directory, options));
}

async function revert(directory: string, options: MigrateOptions): Promise<MigrationReport> {
  const note = await OriginNote.open(directory);
  if (note.formats.length === 0) {
    throw new AtcError('ARGUMENT', `${directory} was not migrated by atc: no format to go back to is recorded`, {
      path: directory,
    });
  }
  const builder = new ReportBuilder(options.onProgress);
  const batch: OwnEntry[] = [];
  const flush = async () => {
    await writeBack(directory, batch.splice(0), options, builder);
  };
  for await (const { path: file, identity } of entryFiles(directory)) {
    options.signal?.throwIfAborted();
    try {
      const { facts, value, byteLength } = await readBack(file);
      const { key, expires, isBare, origin } = facts;
      const former = note.formats[origin - 1] ?? note.formats[0];
      const format: LegacyFormat = isBare ? { ...former, items: 'values' } : former;
      batch.push({ file, identity, entry: { key, value, expires, byteLength, format } });
    } catch (error) {
      if (!isAtcError(error) || error.code === 'IO') throw error;
      builder.leave(file, error);
    }
    if (batch.length >= BATCH) await flush();
  }
  await flush();
  const report = builder.report(directory, options.dryRun === true);
  if (options.dryRun !== true && report.left.length === 0) await note.remove();
  return report;
}

async function writeBack(
  directory: string,
  own: readonly OwnEntry[],
  options: MigrateOptions,
  builder: ReportBuilder,
): Promise<void> {
  if (options.dryRun === true) {
    for (const { entry } of own) builder.add(entry.format.name, entry.byteLength, 0);
    return;
  }
  const { legacyOf } = await import('../legacy/open-legacy.js');
  for (const group of byLocation(own)) {
    const legacy = legacyOf(directory, group[0].entry.format);
    await legacy.writeAll(group.map(({ entry }) => entry));
    const inexact: string[] = [];
    for (const { file, identity, entry } of group) {
      const written = await legacy.read(entry.key);
      const difference = written === undefined ? 'value' : firstDifference(written.value, entry.value);
      if (written === undefined || difference !== undefined) {
        inexact.push(entry.key);
        builder.leave(entry.key, `${entry.format.name} cannot store ${difference} exactly`);
        continue;
      }
      await takeAway(file, identity);
      await removeIfEmpty(path.dirname(file));
      builder.add(entry.format.name, entry.byteLength, written.byteLength);
    }
    await legacy.removeAll(inexact);
  }
}

/** Entries that are written by the same writer, together. */
function byLocation(own: readonly OwnEntry[]): OwnEntry[][] {
  const groups = new Map<string, OwnEntry[]>();
  for (const one of own) {
    const { format } = one.entry;
    const location = format.name === 'keyv-file' ? `${format.name}/${format.file}` : format.name;
    const group = groups.get(location);
    if (group === undefined) groups.set(location, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}
