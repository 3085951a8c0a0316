/** Whether a source file is still the one it was: size, modification time in ns, inode, and a digest of its first and last bytes. */
import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { openFileReader } from './file-reader.js';
import { attempt } from './io-error.js';

/** Read at either end. A file rewritten within the clock's resolution and with the same size differs there, if anywhere cheap. */
const PROBE_BYTES = 64 * 1024;

/** One line that changes when the file does. Throws IO when there is no such file. */
export function sourceStamp(path: string): string {
  const { size, mtimeNs, ino } = attempt('inspect', path, () => statSync(path, { bigint: true }));
  const hash = createHash('sha256');
  const file = openFileReader(path);
  try {
    const head = Math.min(PROBE_BYTES, file.byteLength);
    hash.update(file.read(0, head));
    const tail = Math.min(PROBE_BYTES, file.byteLength - head);
    hash.update(file.read(file.byteLength - tail, tail));
  } finally {
    file.close();
  }
  return `${path} ${size} ${mtimeNs} ${ino} ${hash.digest('hex').slice(0, 32)}`;
}
