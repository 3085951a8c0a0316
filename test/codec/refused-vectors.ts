/** Frames of vectors that a reader must refuse, each with right checksums unless they are the point. */
import { compressPrices } from '../../src/codec/prices.js';
import type { AtcErrorCode } from '../../src/errors.js';
import { type ForgedChunk, type ForgedFrame, forgeFrame } from '../fuzz/frame-forge.js';

export interface RefusedVector {
  readonly about: string;
  readonly code: Extract<AtcErrorCode, 'CORRUPT' | 'FORMAT_VERSION'>;
  /** Part of the message: that it is refused for this reason and no other. */
  readonly because: string;
  write(): Uint8Array;
}

const FLOAT64 = 1;
const FLOAT32 = 2;
const STORED = 0;
const NUMERIC = 16;
const REPEATS = 18;

/** An array of one chunk. */
function one(
  bytes: readonly number[],
  wireId: number,
  { dtype = FLOAT64, rows = 2, ...changed }: Changes = {},
): Uint8Array {
  const chunk: ForgedChunk = { bytes: Uint8Array.from(bytes), wireId, refs: changed.refs ?? [] };
  const frame: ForgedFrame = {
    version: changed.version ?? 1,
    headerBody: changed.headerBody ?? Uint8Array.of(0, dtype),
    rows,
    shape: [rows],
    blocks: [{ rows, times: new Uint8Array(0), chunks: changed.chunks ?? [chunk] }],
  };
  return forgeFrame(frame);
}

interface Changes {
  readonly dtype?: number;
  readonly rows?: number;
  readonly refs?: number[];
  readonly version?: number;
  readonly headerBody?: Uint8Array;
  readonly chunks?: ForgedChunk[];
}

function flipped(at: (bytes: Uint8Array) => number): Uint8Array {
  const bytes = compressPrices(Float64Array.of(1.5, 2.5, 4.25), { level: 0 });
  bytes[at(bytes)] ^= 1;
  return bytes;
}

const EIGHT = [0, 0, 0, 0, 0, 0, 0, 0];
/** base 0, tick 1, no predictor with zigzag, the plain bit layout, a stream of zeros. */
const ZEROS = [0, 1, 8, 0];
const corrupt = (about: string, because: string, write: () => Uint8Array): RefusedVector => ({
  about,
  code: 'CORRUPT',
  because,
  write,
});
const later = (about: string, because: string, write: () => Uint8Array): RefusedVector => ({
  about,
  code: 'FORMAT_VERSION',
  because,
  write,
});

/** By name; the file is `refused-<name>.atc`. */
export const REFUSED: Readonly<Record<string, RefusedVector>> = {
  'header-checksum': corrupt('a bit of the header', 'header does not match', () => flipped(() => 7)),
  'chunk-checksum': corrupt('a bit of a chunk', 'does not match its checksum', () => flipped(() => 14)),
  'index-checksum': corrupt('a bit of the index', 'index does not match', () => flipped((bytes) => bytes.length - 18)),
  'end-magic': corrupt('the end magic', 'its end is damaged', () => flipped((bytes) => bytes.length - 1)),
  version: later('format version 2', 'format version 2', () => one([...EIGHT, ...EIGHT], 0, { version: 2 })),
  kind: later('kind 2', 'frame kind 2', () => one([...EIGHT, ...EIGHT], 0, { headerBody: Uint8Array.of(2, FLOAT64) })),
  dtype: later('dtype 11', 'element type 11', () => one([...EIGHT, ...EIGHT], 0, { dtype: 11 })),
  codec: later('wire id 999', 'codec 999', () => one([1], 999)),
  'header-left-over': corrupt('a byte too many in the header', '1 bytes too many in the header', () =>
    one([...EIGHT, ...EIGHT], 0, { headerBody: Uint8Array.of(0, FLOAT64, 0) }),
  ),
  'stored-size': corrupt('a stored chunk that is too short', 'stored chunk has 9 bytes', () => one([...EIGHT, 0], 0)),
  'refs-of-stored': corrupt('refs of a stored chunk', 'refs of a chunk', () =>
    tableOfTwo([...EIGHT, ...EIGHT], [1], [], STORED),
  ),
  'refs-of-constant': corrupt('refs of a constant numeric chunk', 'refs of a chunk', () =>
    tableOfTwo([0, ...EIGHT], [1]),
  ),
  'refs-in-a-circle': corrupt('two columns that predict each other', 'which needs it', () =>
    tableOfTwo([2, 0, 0, 1, 11, 0], [1], [0]),
  ),
  'tick-0': corrupt('a tick of 0', 'a tick of 0', () => one([2, 0, 0, 0, 8, 0], NUMERIC)),
  divisor: corrupt('a divisor of 2^53 + 1', 'divisor 9007199254740993', () =>
    one([2, 6, 129, 128, 128, 128, 128, 128, 128, 16, ...ZEROS], NUMERIC),
  ),
  'padded-varint': corrupt('a base of two bytes that fits one', 'padded', () => one([2, 0, 128, 0, 1, 8, 0], NUMERIC)),
  'ulps-of-float32': corrupt('ulp corrections of float32', 'ulp corrections of a float32', () =>
    one([2, 17, 2, ...ZEROS, 0], NUMERIC, { dtype: FLOAT32 }),
  ),
  'narrow-bits': corrupt('bits of float64 in narrow integers', 'bits of a double', () => one([2, 5, 8, 0], NUMERIC)),
  'form-of-integers': corrupt('a decimal form of an integer dtype', 'form 1 of an integer', () =>
    one([2, 1, 2, ...ZEROS], NUMERIC, { dtype: 7 }),
  ),
  'empty-exception-run': corrupt('a run of exceptions of no rows', 'exception run of no rows', () =>
    one([2, 32, ...ZEROS, 1, 0, 0, ...EIGHT], NUMERIC, { rows: 3 }),
  ),
  'chunk-left-over': corrupt('a byte behind the last stream', 'bytes left over', () =>
    one([2, 0, ...ZEROS, 0], NUMERIC),
  ),
  'empty-run': corrupt('a run of no rows', 'an empty run', () =>
    one([1, 2, ...EIGHT, ...EIGHT, 0, 4], NUMERIC, { rows: 4 }),
  ),
  'repeats-of-4-bytes': corrupt('repeats of float32', 'not 8 bytes long', () =>
    one([0, 0, 0, 0], REPEATS, { dtype: FLOAT32 }),
  ),
};

/** A table of the columns `a` and `b`, float64, coded alike. */
function tableOfTwo(bytes: readonly number[], refsOfA: number[], refsOfB: number[] = [], wireId = NUMERIC): Uint8Array {
  const chunks = [refsOfA, refsOfB].map((refs): ForgedChunk => ({ bytes: Uint8Array.from(bytes), wireId, refs }));
  return forgeFrame({
    version: 1,
    headerBody: Uint8Array.of(1, 2, FLOAT64, 1, 97, FLOAT64, 1, 98),
    rows: 2,
    blocks: [{ rows: 2, times: new Uint8Array(0), chunks }],
  });
}
