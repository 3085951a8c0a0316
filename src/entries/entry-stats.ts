/** What the entries of a cache directory are, read one by one: for reports, not for serving. */
import { readEntryFile, restoreUse } from '../cache-directory/entry-files.js';
import { isAtcError } from '../errors.js';
import { MAX_STORED_VALUE_BYTES } from '../value/value-frame.js';
import { treeOf } from '../value/value-writer.js';
import { decodeEntryFrame, decodeEntryHeader } from './entry-file.js';
import { entryFiles } from './upkeep.js';

export interface EntryStatistics {
  readonly state: 'fresh' | 'expired' | 'damaged' | 'of a later version';
  /** The text before the first colon of the key, as Keyv writes it; undefined without one or when it cannot be read. */
  readonly namespace?: string;
  /** About what the value takes plainly; undefined when it cannot be read. */
  readonly plainBytes?: number;
  readonly fileBytes: number;
}

/** Decodes every entry; one that is deleted meanwhile is left out. */
export async function* entryStatistics(directory: string): AsyncGenerator<EntryStatistics, void> {
  for await (const { path: file, identity } of entryFiles(directory)) {
    const opened = await readEntryFile(file);
    if (opened === undefined) continue;
    await restoreUse(file, opened.identity);
    yield statisticsOf(opened.bytes, identity.byteLength);
  }
}

function statisticsOf(bytes: Uint8Array, fileBytes: number): EntryStatistics {
  let namespace: string | undefined;
  try {
    const header = decodeEntryHeader(bytes);
    if (typeof header === 'number') return { state: 'damaged', fileBytes };
    const colon = header.key.indexOf(':');
    if (colon > 0) namespace = header.key.slice(0, colon);
    const plainBytes = treeOf(decodeEntryFrame(bytes, header, { maxBytes: MAX_STORED_VALUE_BYTES })).plainBytes;
    return { state: header.expires <= Date.now() ? 'expired' : 'fresh', namespace, plainBytes, fileBytes };
  } catch (error) {
    if (isAtcError(error, 'FORMAT_VERSION')) return { state: 'of a later version', namespace, fileBytes };
    if (isAtcError(error)) return { state: 'damaged', namespace, fileBytes };
    throw error;
  }
}
