/** Columns as hosts store them: float64 files without a header. */
import type { Columns } from '../../dtype.js';
import { readPlainFile } from '../../io/plain-files.js';
import type { HostFiles } from './history.js';

export function rawColumns(files: HostFiles): Columns {
  return Object.fromEntries(Object.entries(files.raw).map(([name, file]) => [name, rawColumn(file)]));
}

export function rawColumn(file: string): Float64Array {
  const { buffer, byteOffset, byteLength } = readPlainFile(file);
  return new Float64Array(buffer, byteOffset, byteLength / 8);
}
