/** What other caches left in a directory, as far as we know them. */
import { MAX_STORED_VALUE_BYTES } from '../../value/value-frame.js';
import { FsHashEntries, openFsHash } from './fs-hash.js';
import { KeyvFileEntries, openKeyvFiles, SeparatedEntries } from './keyv-file.js';
import type { LegacyEntries, LegacyFormat } from './legacy-entries.js';

/**
 * Looks at the directory once; what foreign caches write into it later is not seen. A value that takes more than
 * `maxBytes` in memory is ARGUMENT when it is read.
 */
export async function openLegacy(directory: string, maxBytes = MAX_STORED_VALUE_BYTES): Promise<LegacyEntries[]> {
  const fsHash = await openFsHash(directory, maxBytes);
  const keyvFiles = await openKeyvFiles(directory, maxBytes);
  return fsHash ? [fsHash, ...keyvFiles] : keyvFiles;
}

/** For writing: the directory need not hold anything of that format yet. */
export function legacyOf(directory: string, format: LegacyFormat): LegacyEntries {
  switch (format.name) {
    case 'cache-manager-fs-hash':
      return new FsHashEntries(directory, MAX_STORED_VALUE_BYTES);
    case 'keyv-file':
      return new KeyvFileEntries(directory, format.file);
    case 'keyv-file-separated':
      return new SeparatedEntries(directory, MAX_STORED_VALUE_BYTES);
  }
}
