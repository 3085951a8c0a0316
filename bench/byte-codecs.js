// Speed of the byte codecs' parts over real or made-up candles, one block each: MB/s of decoded bytes, median of 9.
// Decides nativeLz4Pays in src/codec/byte-codecs.ts. Usage: npm run build && node bench/byte-codecs.js
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

const dist = new URL('../dist/esm/src/', import.meta.url);
const load = (module) => import(new URL(module, dist).href);
const { crc32c } = await load('codec/crc32c.js');
const { lz4Encode } = await load('codec/lz4-encode.js');
const { lz4Decode } = await load('codec/lz4-decode.js');
const { deflateEncode, deflateDecode } = await load('codec/deflate.js');
const { shuffle, unshuffle } = await load('codec/shuffle.js');
const { provideNativeCompression } = await load('codec/natives.js');
const { loadNativeCompression } = await load('io/native-compression.js');
const natives = loadNativeCompression();
const BLOCK_ROWS = 16_384;

function* blocks() {
  const directory = fileURLToPath(new URL('../../shared/data/', import.meta.url));
  let files = [];
  try {
    files = readdirSync(directory).filter((name) => name.endsWith('.csv.gz'));
  } catch {
    console.warn('no market history beside the repository: one made-up walk instead');
    const walk = new Float64Array(BLOCK_ROWS);
    for (let i = 0, price = 1e6; i < walk.length; i++) walk[i] = (price += ((i * 2654435761) >>> 27) - 15) / 100;
    yield ['walk', walk];
  }
  for (const file of files) {
    const [header, ...lines] = gunzipSync(readFileSync(directory + file))
      .toString()
      .trimEnd()
      .split('\n');
    const rows = lines.slice(0, BLOCK_ROWS).map((line) => line.split(','));
    for (const [i, column] of header.split(',').entries()) {
      yield [`${file.replace('.csv.gz', '')} ${column}`, Float64Array.from(rows, (row) => Number(row[i]))];
    }
  }
}

function speed(byteLength, action, inner = 3) {
  for (let i = 0; i < 5; i++) action();
  const seconds = Array.from({ length: 9 }, () => {
    const start = performance.now();
    for (let i = 0; i < inner; i++) action();
    return (performance.now() - start) / inner / 1000;
  }).sort((a, b) => a - b);
  return Math.round(byteLength / seconds[4] / 1e6);
}

const table = [];
for (const [name, values] of blocks()) {
  const bytes = new Uint8Array(values.buffer);
  const { length } = bytes;
  const planes = new Uint8Array(length);
  const room = new Uint8Array(2 * length);
  shuffle(bytes, 8, planes);
  const block = room.slice(0, lz4Encode(planes, room));
  const deflated = room.slice(0, deflateEncode(planes, room, 5));
  const inflate = (loader) => {
    provideNativeCompression(loader);
    return speed(length, () => deflateDecode(deflated, room.subarray(0, length)), 1);
  };
  table.push({
    block: name,
    'lz4 ratio': (length / block.length).toFixed(2),
    'deflate ratio': (length / deflated.length).toFixed(2),
    crc32c: speed(length, () => crc32c(bytes)),
    shuffle: speed(length, () => shuffle(bytes, 8, room.subarray(0, length))),
    unshuffle: speed(length, () => unshuffle(planes, 8, room.subarray(0, length))),
    'lz4 encode': speed(length, () => lz4Encode(planes, room)),
    'lz4 decode ts': speed(length, () => lz4Decode(block, room.subarray(0, length))),
    'lz4-napi': natives.lz4Decode ? speed(length, () => natives.lz4Decode(block, length)) : 0,
    'inflate pako': inflate(undefined),
    'inflate node': inflate(loadNativeCompression),
  });
}
console.table(table);
