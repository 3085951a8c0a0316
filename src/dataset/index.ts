/**
 * The entry point `atc-memory/dataset`, for processes that only read datasets and start often: a fraction of what an
 * import of the package loads. What it opens is what `openDataset` of the package opens, changes to it included: they
 * load the rest.
 */
import { provideNativeCompression } from '../codec/natives.js';
import { loadNativeCompression } from '../io/native-compression.js';

export { AtcError, type AtcErrorCode, isAtcError } from '../errors.js';
export type { RemoteAccess } from '../remote/access.js';
export type { RemoteTraffic } from '../remote/client.js';
export type { S3Access } from '../remote/signing.js';
export type { RemoteUrl } from '../remote-url.js';
export type { CandleTable, Dataset, DatasetLayout, RowRange, TableBlock } from '../table.js';
export type { BriefSegment, BriefSymbol } from './brief-catalogue.js';
export type { Catalogue, Segment, SegmentIndex, SegmentPage, SymbolEntry, TimeSpan } from './catalogue.js';
export type { DirectoryDataset } from './directory-dataset.js';
export { openDataset } from './open.js';
export type { OpenDatasetOptions } from './open-segments.js';
export type { OpenRemoteDatasetOptions } from './remote/open-remote.js';
export type { RemoteSymbol } from './remote/read-catalogue.js';
export type { RemoteDataset } from './remote/remote-dataset.js';
export type { RemoteBlockOptions, RemoteRowRange, RemoteTable } from './remote/remote-table.js';
export type { SnapshotInfo } from './versions/snapshot-info.js';
export type { AsOf } from './versions/version-name.js';

// How natives are found; nothing is loaded before a chunk needs one.
provideNativeCompression(loadNativeCompression);
