/** What other caches left in a directory, as far as we know them. */
import { FsHashEntries, openFsHash } from './fs-hash.js';
import { KeyvFileEntries, openKeyvFiles, SeparatedEntries } from './keyv-file.js';
import type { LegacyEntries, LegacyFormat } from './legacy-entries.js';

/** Looks at the directory once; what foreign caches write into it later is not seen. */
export async function openLegacy(directory: string): Promise<LegacyEntries[]> {
  const fsHash = await openFsHash(directory);
  const keyvFiles = await openKeyvFiles(directory);
  return fsHash ? [fsHash, ...keyvFiles] : keyvFiles;
}

/** For writing: the directory need not hold anything of that format yet. */
export function legacyOf(directory: string, format: LegacyFormat): LegacyEntries {
  switch (format.name) {
    case 'cache-manager-fs-hash':
      return new FsHashEntries(directory);
    case 'keyv-file':
      return new KeyvFileEntries(directory, format.file);
    case 'keyv-file-separated':
      return new SeparatedEntries(directory);
  }
}
