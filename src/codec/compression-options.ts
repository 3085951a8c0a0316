import { requireOptions } from '../arguments.js';
import { AtcError, shown } from '../errors.js';
import type { CompressionAlgorithm, CompressionLevel } from './codec.js';

const ALGORITHMS: readonly CompressionAlgorithm[] = ['auto', 'lz4', 'zlib'];

/** How hard, and with what, numbers are compressed. Any choice gives the same bits back. */
export interface CompressionOptions {
  /** 0 stores, 1-4 favour speed, 9 is the smallest. Default 5. */
  readonly level?: number;
  /**
   * `auto` (default) picks per column; `lz4` and `zlib` are byte shuffle and that coder, raw where it does not help.
   */
  readonly algorithm?: CompressionAlgorithm;
}

/** Defaults filled in and checked; ARGUMENT names what is allowed. */
export function resolveCompression(options: CompressionOptions): {
  level: CompressionLevel;
  algorithm: CompressionAlgorithm;
} {
  requireOptions(options, 'compression');
  const { level = 5, algorithm = 'auto' } = options;
  if (!Number.isInteger(level) || level < 0 || level > 9) {
    throw new AtcError('ARGUMENT', `level must be a whole number from 0 (stored) to 9 (smallest), got ${shown(level)}`);
  }
  if (!ALGORITHMS.includes(algorithm)) {
    throw new AtcError('ARGUMENT', `algorithm must be one of ${ALGORITHMS.join(', ')}, got ${shown(algorithm)}`);
  }
  return { level: level as CompressionLevel, algorithm };
}
