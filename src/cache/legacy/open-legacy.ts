/** What other caches left in a directory, as far as we know them. */
import { openFsHash } from './fs-hash.js';
import { openKeyvFiles } from './keyv-file.js';
import type { LegacyEntries } from './legacy-entries.js';

/** Looks at the directory once; what foreign caches write into it later is not seen. */
export async function openLegacy(directory: string): Promise<LegacyEntries[]> {
  const fsHash = await openFsHash(directory);
  const keyvFiles = await openKeyvFiles(directory);
  return fsHash ? [fsHash, ...keyvFiles] : keyvFiles;
}
