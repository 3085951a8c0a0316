/**
 * Zstandard in memory: Node's own where the runtime has it (22.15 and later), else fzstd. Frames may follow one
 * another.
 */
import { AtcError } from '../errors.js';
import { requireNow } from '../require-now.js';

/**
 * Decodes all frames of `input` into at most `maxBytes`; CORRUPT where they hold more or are damaged. The result may
 * lie in `room`, where that is given.
 */
export type DecompressZstd = (input: Uint8Array, maxBytes: number, room?: Uint8Array) => Uint8Array;

interface ZlibWithZstd {
  readonly zstdDecompressSync?: (input: Uint8Array, options: { maxOutputLength: number }) => Uint8Array;
}

export async function loadZstd(): Promise<DecompressZstd> {
  const { zstdDecompressSync } = requireNow<ZlibWithZstd>('node:zlib');
  if (zstdDecompressSync !== undefined) {
    return (input, maxBytes) => wrapped(() => zstdDecompressSync(input, { maxOutputLength: Math.max(1, maxBytes) }));
  }
  const { Decompress } = await import('fzstd');
  return (input, maxBytes, room) =>
    wrapped(() => {
      const parts: Uint8Array[] = [];
      let length = 0;
      const stream = new Decompress((part) => {
        length += part.length;
        if (length > maxBytes) throw new Error(`more than ${maxBytes} bytes`);
        if (room === undefined) parts.push(part);
        else room.set(part, length - part.length);
      });
      stream.push(input, true);
      if (room !== undefined) return room.subarray(0, length);
      return parts.length === 1 ? parts[0] : Buffer.concat(parts, length);
    });
}

function wrapped(decompress: () => Uint8Array): Uint8Array {
  try {
    return decompress();
  } catch (cause) {
    throw new AtcError('CORRUPT', `not valid Zstandard bytes: ${(cause as Error).message}`, { cause });
  }
}
