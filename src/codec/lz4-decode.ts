/** LZ4 block decoder: reads what any LZ4 encoder wrote, trusts nothing, fills the output exactly. */
import { chunkDamage } from './corrupt.js';

const MIN_MATCH = 4;
/** Below this, a loop is cheaper than a call. */
const SHORT_COPY = 24;

/** Decodes `block` into all of `target`. Throws CORRUPT with the offset inside the block. */
export function lz4Decode(block: Uint8Array, target: Uint8Array): void {
  let from = 0;
  let to = 0;
  while (from < block.length) {
    const sequence = from;
    const token = block[from++];
    let literals = token >>> 4;
    if (literals === 15) {
      let byte = 255;
      while (byte === 255) {
        if (from >= block.length) throw chunkDamage('LZ4 literal length runs past the end of its chunk', sequence);
        literals += byte = block[from++];
      }
    }
    if (literals > block.length - from || literals > target.length - to) {
      throw chunkDamage(`LZ4 sequence of ${literals} literals does not fit`, sequence);
    }
    if (literals > SHORT_COPY) target.set(block.subarray(from, from + literals), to);
    else for (let i = 0; i < literals; i++) target[to + i] = block[from + i];
    from += literals;
    to += literals;
    // Only the last sequence has no match.
    if (from === block.length) break;

    if (block.length - from < 2) throw chunkDamage('LZ4 match without an offset', sequence);
    const distance = block[from] | (block[from + 1] << 8);
    from += 2;
    let length = (token & 15) + MIN_MATCH;
    if (length === 15 + MIN_MATCH) {
      let byte = 255;
      while (byte === 255) {
        if (from >= block.length) throw chunkDamage('LZ4 match length runs past the end of its chunk', sequence);
        length += byte = block[from++];
      }
    }
    if (distance === 0 || distance > to || length > target.length - to) {
      throw chunkDamage(`LZ4 match of ${length} bytes, ${distance} back, does not fit`, sequence);
    }
    to = copyMatch(target, to, distance, length);
    if (from === block.length) throw chunkDamage('LZ4 block ends in a match', sequence);
  }
  if (to !== target.length) throw chunkDamage(`LZ4 block holds ${to} bytes, ${target.length} expected`, block.length);
}

/** Repeats what lies `distance` back. Overlap is meant: a distance of 1 is a run of one byte. */
function copyMatch(target: Uint8Array, to: number, distance: number, length: number): number {
  const end = to + length;
  if (length <= SHORT_COPY) {
    for (let i = to; i < end; i++) target[i] = target[i - distance];
    return end;
  }
  if (distance === 1) {
    target.fill(target[to - 1], to, end);
    return end;
  }
  // Copying what has been written doubles the period every round.
  for (let at = to, available = distance; at < end; available *= 2) {
    const count = Math.min(available, end - at);
    target.copyWithin(at, at - available, at - available + count);
    at += count;
  }
  return end;
}
