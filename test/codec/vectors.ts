/** What the frames of vectors hold, and how each was written. */
import { COLUMN_CODECS } from '../../src/codec/column-codecs.js';
import { compressPrices } from '../../src/codec/prices.js';
import { compressDataFrame } from '../../src/codec/table-frame.js';
import { type Columns, type Dtype, dtypeOf, type TypedArray } from '../../src/dtype.js';
import { encodeColumn, frameOfChunk } from './column-chunks.js';
import { COLUMN_SAMPLES } from './column-samples.js';
import { everything, market, words } from './feature-tables.js';
import { candles, everyDtype, HOSTILE_DOUBLES, inBlocks } from './frame-samples.js';

export interface Vector {
  readonly about: string;
  /** Codecs that its chunks are coded with, among others. */
  readonly wireIds: readonly number[];
  readonly shape?: readonly number[];
  readonly columns: readonly { readonly name: string; readonly dtype: Dtype; readonly values: TypedArray }[];
  /** The bytes of a new vector. */
  write(): Uint8Array;
}

const ROWS = 120;

function table(about: string, columns: Columns, write: (columns: Columns) => Uint8Array): Vector {
  const described = Object.entries(columns).map(([name, values]) => ({ name, dtype: dtypeOf(values)!, values }));
  return { about, wireIds: [], columns: described, write: () => write(columns) };
}

function array(about: string, values: TypedArray, shape: readonly number[] = [values.length]): Vector {
  const columns = [{ name: '', dtype: dtypeOf(values)!, values }];
  return { about, wireIds: [], shape, columns, write: () => compressPrices(values, { shape }) };
}

/** One per codec: the first of its samples, in a frame of one chunk. */
const ofCodecs = COLUMN_CODECS.map((codec): [string, Vector] => {
  const [values] = COLUMN_SAMPLES[codec.name];
  const about = `an array, one chunk of codec ${codec.wireId} (${codec.name})`;
  const vector = array(about, values);
  const write = () => frameOfChunk(codec, encodeColumn(codec, values, 9), values);
  return [`${codec.name.replace('+', '-')}-${codec.wireId}`, { ...vector, wireIds: [codec.wireId], write }];
});

const atLevel = (level: number) => (columns: Columns) => compressDataFrame(columns, { level });
const inSmallBlocks = (columns: Columns) => inBlocks(columns, { blockRows: 16, level: 2 });

/** A time that does not ascend, and one that is no number. */
function restless(): Columns {
  const { timestamp, close } = candles(40);
  return { timestamp: timestamp.map((x, i) => (i === 20 ? Number.NaN : i === 30 ? timestamp[3] : x)), close };
}

export const VECTORS: Readonly<Record<string, Vector>> = {
  ...Object.fromEntries(ofCodecs),
  dump: table(
    'the frame of the annotated dump',
    { timestamp: Float64Array.of(0, 60_000, 120_000), close: Float64Array.of(1.25, 1.5, -0) },
    atLevel(2),
  ),
  'forms-packed': table('every form that packed streams come with', everything(ROWS), atLevel(2)),
  'forms-tans': table('every form and bit layout, streams of tANS among them', everything(ROWS), atLevel(5)),
  'market-packed': table('columns predicted from each other, packed', market(ROWS), atLevel(2)),
  'market-tans': table('columns predicted from each other, tANS', market(ROWS), atLevel(9)),
  words: table('growth and repeats', words(ROWS), atLevel(5)),
  runs: array(
    'runs of equal elements',
    Float64Array.from({ length: 700 }, (_, i) => [1.1, -0, Number.NaN][Math.floor(i / 250)]),
  ),
  vectors: array(
    'more than one vector of 1,024 values',
    Float64Array.from({ length: 2300 }, (_, i) => ((i * i) % 977) / 100),
  ),
  lz4: table('every dtype, LZ4 where it helps', everyDtype(20), (columns) =>
    compressDataFrame(columns, { algorithm: 'lz4' }),
  ),
  deflate: table('every dtype, deflate where it helps', everything(40), (columns) =>
    compressDataFrame(columns, { algorithm: 'zlib' }),
  ),
  blocks: table('blocks of 16 rows, ascending timestamps', candles(50), inSmallBlocks),
  restless: table('blocks of 16 rows, timestamps that do not ascend, NaN among them', restless(), inSmallBlocks),
  'integer-time': table(
    'timestamps of int64, equal ones among them',
    { timestamp: BigInt64Array.from({ length: 40 }, (_, i) => BigInt(i >> 1) * 10n ** 15n) },
    inSmallBlocks,
  ),
  names: table(
    'names of columns beyond ASCII',
    { 'a b': Int8Array.of(1), é: Int8Array.of(2), '\u{1f4c8}': Int8Array.of(3), '\ufeff': Int8Array.of(4) },
    atLevel(5),
  ),
  empty: array('no elements', new Float32Array(0)),
  scalar: array('one element, no dimension', Float64Array.of(HOSTILE_DOUBLES[5]), []),
  shape: array(
    'three dimensions',
    Uint16Array.from({ length: 24 }, (_, i) => i * i),
    [2, 3, 4],
  ),
  'no-rows': table('columns without rows', { timestamp: new Float64Array(0), close: new Float64Array(0) }, atLevel(5)),
  'no-columns': table('no columns', {}, atLevel(5)),
};
