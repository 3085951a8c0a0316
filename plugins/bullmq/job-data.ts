/** The history of a run by the hashes of its files: what jobs carry where workers have no path to it. */
import { AtcError } from 'atc-memory';
import { type DataManifest, describeData } from 'atc-memory/remote';
import { ResultDirectory } from 'atc-memory/sweep';
import type { FleetOptions } from './collect.js';
import { type FleetSource, type JobData, sha256Of } from './protocol.js';
import { reject } from './wanted.js';

/** Names and hashes of more files than this, as JSON, would be in Redis with every job. */
const MOST_INLINE_MANIFEST_BYTES = 16_384;

/** Undefined where workers have the source under its path. Reads every byte of the source else. */
export async function dataOf(source: FleetSource, options: FleetOptions): Promise<JobData | undefined> {
  const { dataFrom, sharedDirectory, signal } = options;
  if (dataFrom === undefined) return undefined;
  const isList = Array.isArray(dataFrom) && dataFrom.length > 0 && dataFrom.every((one) => typeof one === 'string');
  if (!isList) reject('dataFrom', 'must be a list of directories and URLs that have the files of the history');
  if (typeof source !== 'string') return reject('dataFrom', 'is for one dataset directory or one file');
  const manifest = await describeData(source, { signal });
  const bytes = new TextEncoder().encode(JSON.stringify(manifest));
  if (bytes.length <= MOST_INLINE_MANIFEST_BYTES) return { from: dataFrom, manifest };
  if (sharedDirectory === undefined) {
    const message = `the names and hashes of ${manifest.files.length} files are too long for every job`;
    throw new AtcError('UNSUPPORTED', `${message}; give workers and submitter a shared directory (--shared-dir)`);
  }
  await new ResultDirectory(sharedDirectory).write(manifest.hash, bytes);
  return { from: dataFrom, shared: { key: manifest.hash, sha256: sha256Of(bytes) } };
}

/** @throws AtcError as the shared directory has it. */
export async function manifestOf(data: JobData, sharedDirectory: string | undefined): Promise<DataManifest> {
  const { manifest, shared } = data;
  if (manifest !== undefined) return manifest;
  if (shared === undefined || sharedDirectory === undefined) {
    throw new AtcError('UNSUPPORTED', 'the names of the files of the history are in a shared directory: --shared-dir');
  }
  const bytes = await new ResultDirectory(sharedDirectory).read(shared.key, shared.sha256);
  return JSON.parse(new TextDecoder().decode(bytes)) as DataManifest;
}
