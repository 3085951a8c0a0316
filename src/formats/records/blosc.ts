/**
 * Buffers of python-blosc, and raw memory maps of numpy: bytes without names, whose columns the caller says. Header of
 * a buffer (16 bytes, little-endian): u8 version (2) · u8 version of the codec · u8 flags · u8 type size · u32 bytes ·
 * u32 block size · u32 compressed bytes.
 */
import { AtcError } from '../../errors.js';
import { ByteQueue } from '../byte-queue.js';
import type { CellBatch } from '../cell-column.js';
import { isBlosc, isNpy, isPickle } from '../magic.js';
import { readNpy } from '../npy/read.js';
import { loadOptional } from '../optional-package.js';
import { layoutOf, namedFields } from './layout.js';
import { pickleRefused } from './pickle.js';
import { readRecords } from './read.js';

const HEADER_BYTES = 16;

export interface RawOptions {
  readonly path: string;
  /** `name` or `name:type` of each column. */
  readonly columns?: readonly string[];
  /** Type of columns that say none, default float64. */
  readonly dtype?: string;
}

/** A buffer decoded by numcodecs; what it holds is a .npy array, a pickle (refused), or a raw map. */
export async function* readBlosc(bytes: AsyncIterable<Uint8Array>, options: RawOptions): AsyncGenerator<CellBatch> {
  const { path } = options;
  const queue = new ByteQueue(bytes);
  let decoded: Uint8Array;
  try {
    const head = await queue.peek(HEADER_BYTES);
    if (!isBlosc(head))
      throw new AtcError('CORRUPT', `${path} is not a blosc buffer, or only the start of one`, { path, offset: 0 });
    const stored = new DataView(head.buffer, head.byteOffset).getUint32(12, true);
    const buffer = (await queue.take(stored)).slice();
    if (buffer.length < stored)
      throw new AtcError('CORRUPT', `${path} ends within its blosc buffer`, { path, offset: buffer.length });
    decoded = await decode(buffer, path);
  } finally {
    await queue.close();
  }
  if (isPickle(decoded)) throw pickleRefused(path);
  const whole = (async function* () {
    yield decoded;
  })();
  if (isNpy(decoded)) yield* readNpy(whole, { path, name: 'values', titles: options.columns });
  else yield* readRaw(whole, options);
}

async function decode(buffer: Uint8Array, path: string): Promise<Uint8Array> {
  const { default: Blosc } = await loadOptional('blosc', ['numcodecs'], () => import('numcodecs/blosc'));
  try {
    return await new Blosc().decode(buffer);
  } catch (cause) {
    throw new AtcError('CORRUPT', `${path} is a damaged blosc buffer: ${(cause as Error).message}`, { path, cause });
  }
}

/** Rows as they lie in memory, by the columns that were named. ARGUMENT without them. */
export async function* readRaw(
  bytes: AsyncIterable<Uint8Array>,
  { path, columns, dtype = 'float64' }: RawOptions,
): AsyncGenerator<CellBatch> {
  if (columns === undefined) {
    const example = '--columns timestamp:int64,open,high,low,close,volume (float64 where no type is given)';
    throw new AtcError('ARGUMENT', `${path} is memory without names or types; name them: ${example}`, { path });
  }
  const queue = new ByteQueue(bytes);
  try {
    yield* readRecords(queue, layoutOf(namedFields(columns, dtype)), path);
  } finally {
    await queue.close();
  }
}
