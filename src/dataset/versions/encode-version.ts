/** The file of a version that stays, as text; version-files.ts reads it. */
import { encodeCheckedJson } from '../../io/encode-checked-json.js';
import { PagedCatalogue } from '../catalogue.js';
import { catalogueContent } from '../encode-catalogue.js';
import { VERSION_FORMAT, type VersionFile } from './version-files.js';

export function encodeVersion(version: Omit<VersionFile, 'id' | 'text'>): string {
  const { name, takenMs, catalogue } = version;
  // Releases that know no pages refuse a version with them, and only that.
  const format =
    catalogue instanceof PagedCatalogue ? VERSION_FORMAT : { ...VERSION_FORMAT, version: VERSION_FORMAT.version - 1 };
  return encodeCheckedJson(format, {
    ...(name !== undefined && { name }),
    takenMs,
    catalogue: catalogueContent(catalogue),
  });
}
