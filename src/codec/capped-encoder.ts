import { SHUFFLE_LZ4 } from './byte-codecs.js';
import type { BlockEncoder } from './codec.js';
import { columnsEncoder } from './column-encoder.js';

/**
 * Raw is the cap of the format: a chunk longer than its column would be unreadable. A joint encoder whose side
 * information does not pay for itself (a block of a few rows) may exceed it, and its chunks may need each other, so the
 * whole block is coded as bytes then.
 */
export function cappedEncoder(encode: BlockEncoder): BlockEncoder {
  const asBytes = columnsEncoder([SHUFFLE_LZ4], 1);
  return (block) => {
    const chunks = encode(block);
    return chunks.every(({ bytes }, i) => bytes.length <= block.columns[i].byteLength) ? chunks : asBytes(block);
  };
}
