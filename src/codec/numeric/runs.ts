/** Run-length chunk: uvarint runs · the element of each run · the length of each run as uvarint. */
import { bytesOf, type TypedArray } from '../../dtype.js';
import { chunkDamage } from '../corrupt.js';
import type { ChunkReader } from './chunk-reader.js';

export function readRuns(reader: ChunkReader, out: TypedArray): void {
  const runs = reader.count(out.length, 'runs');
  const size = out.BYTES_PER_ELEMENT;
  const elements = reader.bytes(runs * size);
  const target = bytesOf(out);
  let i = 0;
  for (let run = 0; run < runs; run++) {
    const from = reader.at;
    const length = reader.count(out.length - i, 'run length');
    if (length === 0) throw chunkDamage('an empty run', from);
    const element = elements.subarray(run * size, (run + 1) * size);
    for (const to = i + length; i < to; i++) target.set(element, i * size);
  }
  if (i !== out.length || reader.at !== reader.length) throw chunkDamage('runs do not fill the block', reader.at);
}
