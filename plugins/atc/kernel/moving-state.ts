/** What changes in a state (layout.ts) from bar to bar; the rest follows from the parameters and is rebuilt. */
import * as at from './layout.js';

/** Bytes [from, to), ascending; the last one runs to the end of the state. */
const MOVING: readonly (readonly [from: number, to: number])[] = [
  [at.BAR, at.CUTOUT],
  [at.POSITION, at.KEPT],
  [at.SETTLED, at.SHIFTED],
  [at.RECURSIVE, at.GROWTH],
  [at.RECORDS, Number.POSITIVE_INFINITY],
];

export function movingParts(state: Uint8Array): Uint8Array {
  const parts = MOVING.map(([from, to]) => state.subarray(from, to));
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/**
 * Puts moving parts into a fresh state of the same parameters. False, and the state is spoilt, for parts that no run
 * leaves behind: what decides where the kernel writes is checked, all else are numbers to compute with.
 */
export function putMovingParts(state: Uint8Array, bytes: unknown, bars: number, kernelCounts: boolean): boolean {
  if (Object.prototype.toString.call(bytes) !== '[object Uint8Array]') return false;
  const parts = bytes as Uint8Array;
  let from = 0;
  for (const [low, high] of MOVING) {
    const part = parts.subarray(from, from + Math.min(high, state.length) - low);
    state.set(part, low);
    from += Math.min(high, state.length) - low;
  }
  if (from !== parts.length) return false;
  const { buffer, byteOffset } = state;
  const integer = (offset: number) => new DataView(buffer, byteOffset).getInt32(offset, true);
  const history = integer(at.HISTORY);
  const position = integer(at.POSITION);
  const current = integer(at.CURRENT);
  return (
    position >= history &&
    position <= history + integer(at.SPAN) &&
    (current === 0 || current === at.RECURSIVE_BYTES) &&
    (integer(at.SETTLED) === 0 || integer(at.SETTLED) === 1) &&
    integer(at.CLEAN_RUN) >= 0 &&
    (!kernelCounts || new DataView(buffer, byteOffset).getFloat64(at.BAR, true) === bars)
  );
}
