/** Results of jobs on their way: short ones in Redis, others in a directory that all machines see. */
import { AtcError } from 'atc-memory';
import { ResultDirectory } from 'atc-memory/sweep';
import { type FleetResult, MOST_INLINE_BYTES, sha256Of } from './protocol.js';

/** What a worker returns for the bytes of a result. */
export async function storeResult(
  jobId: string,
  bytes: Uint8Array,
  sharedDirectory: string | undefined,
): Promise<FleetResult> {
  const result = { sha256: sha256Of(bytes), bytes: bytes.length };
  if (bytes.length <= MOST_INLINE_BYTES) return { ...result, base64: Buffer.from(bytes).toString('base64') };
  if (sharedDirectory === undefined) {
    const message = `a result of ${bytes.length} bytes is too large for Redis (${MOST_INLINE_BYTES})`;
    const advice =
      'give workers and submitter a shared directory (--shared-dir), or cut the work into more jobs (--jobs)';
    throw new AtcError('UNSUPPORTED', `${message}; ${advice}`);
  }
  await new ResultDirectory(sharedDirectory).write(jobId, bytes);
  return { ...result, uri: uriOf(jobId) };
}

function uriOf(jobId: string): string {
  return `${jobId}.part`;
}

/** A result that was found whole. */
export interface StoredResult {
  /**
   * Read again each time where they are in a file. @throws AtcError IO where that was removed, CORRUPT for other bytes.
   */
  bytes(): Promise<Uint8Array>;
  readonly isShared: boolean;
}

/** @throws AtcError as `bytes` does, and ARGUMENT where the shared directory is needed and was not named. */
export async function findResult(
  jobId: string,
  { sha256, base64, uri }: FleetResult,
  sharedDirectory: string | undefined,
): Promise<StoredResult> {
  if (base64 !== undefined) {
    const bytes = Buffer.from(base64, 'base64');
    if (sha256Of(bytes) === sha256) return { bytes: async () => bytes, isShared: false };
    throw new AtcError('CORRUPT', `the result of job ${jobId} in Redis has other bytes than its worker wrote`);
  }
  // Never a path that Redis names.
  if (uri !== uriOf(jobId)) throw new AtcError('CORRUPT', `the result of job ${jobId} names no file of its own`);
  if (sharedDirectory === undefined) {
    throw new AtcError(
      'ARGUMENT',
      `the result of job ${jobId} is in a shared directory, as ${uri}; name it (sharedDirectory, --shared-dir)`,
      { key: 'sharedDirectory' },
    );
  }
  const bytes = () => new ResultDirectory(sharedDirectory).read(jobId, sha256);
  await bytes();
  return { bytes, isShared: true };
}
