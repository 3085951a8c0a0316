/** The entry point `atc-memory/remote`: data that lies on other machines, by its hash. */
export { AtcError, type AtcErrorCode, isAtcError } from '../../errors.js';
export type { RemoteAccess } from '../../remote/access.js';
export { type DataByHashOptions, dataByHash, type LocalData } from '../../remote/by-hash.js';
export type { DataFile, DataManifest } from '../../remote/manifest.js';
export type { S3Access } from '../../remote/signing.js';
export { describeData } from './describe-data.js';
