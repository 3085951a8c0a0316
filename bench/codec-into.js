// Page faults of decoding in a loop: into new arrays, and into arrays that are there. Each kind in a process of its
// own, so that none finds the memory of another. Needs a build.
//   node bench/codec-into.js [--rounds N]
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  ArrayPool,
  compressDataFrame,
  compressPrices,
  decodeValue,
  decompressDataFrame,
  decompressPrices,
  encodeValue,
} from 'atc-memory';
import { histories } from './kit.js';

/** Until code is compiled and the heap has its size. */
const WARM_UP = 2000;
const BLOCK_ROWS = 16_384;
/** A year of minutes of one symbol takes nine of them. */
const ROWS = 65_536;

const { values: options } = parseArgs({
  options: { rounds: { type: 'string', default: '1000' }, kind: { type: 'string' } },
});

const [{ columns }] = histories({ symbols: 1, rows: ROWS, columns: 'candles' });
const block = Object.fromEntries(Object.entries(columns).map(([name, values]) => [name, values.slice(0, BLOCK_ROWS)]));
const likeThese = (table) => Object.fromEntries(Object.entries(table).map(([name, values]) => [name, values.slice()]));

/** By name: what one round does, and the bytes that it decodes. */
const KINDS = {
  'array, new': () => arrayRound(undefined),
  'array, into': () => arrayRound(new Float64Array(ROWS)),
  'block, new': () => tableRound(block, undefined),
  'block, into': () => tableRound(block, likeThese(block)),
  'frame, new': () => tableRound(columns, undefined),
  'frame, into': () => tableRound(columns, likeThese(columns)),
  'value, new': () => valueRound(undefined),
  'value, pool': () => valueRound(new ArrayPool()),
};

function arrayRound(into) {
  const bytes = compressPrices(columns.close);
  return { bytes: 8 * ROWS, round: () => decompressPrices(bytes, { into }) };
}

function tableRound(table, into) {
  const bytes = compressDataFrame(table);
  const size = Object.values(table).reduce((sum, { byteLength }) => sum + byteLength, 0);
  return { bytes: size, round: () => decompressDataFrame(bytes, { into }) };
}

function valueRound(pool) {
  const bytes = encodeValue({ symbol: 'BTCUSDT', columns });
  const size = Object.values(columns).reduce((sum, { byteLength }) => sum + byteLength, 0);
  return {
    bytes: size,
    round: () => {
      pool?.reset();
      return decodeValue(bytes, { pool });
    },
  };
}

function measure(kind) {
  const { bytes, round } = KINDS[kind]();
  for (let i = 0; i < WARM_UP; i++) round();
  const rounds = Number(options.rounds);
  const before = process.resourceUsage();
  for (let i = 0; i < rounds; i++) round();
  const after = process.resourceUsage();
  const microseconds = after.userCPUTime + after.systemCPUTime - before.userCPUTime - before.systemCPUTime;
  const faults = (after.minorPageFault - before.minorPageFault) / rounds;
  return { faults, megabytesPerSecond: (bytes * rounds) / microseconds, kibibytes: bytes / 1024 };
}

if (options.kind !== undefined) {
  console.log(JSON.stringify(measure(options.kind)));
} else {
  console.log('kind          KiB a round   minor faults a round   MB/s of CPU time');
  for (const kind of Object.keys(KINDS)) {
    const args = [fileURLToPath(import.meta.url), '--rounds', options.rounds, '--kind', kind];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    const { faults, megabytesPerSecond, kibibytes } = JSON.parse(stdout);
    console.log(
      `${kind.padEnd(12)} ${kibibytes.toFixed(0).padStart(12)} ${faults.toFixed(2).padStart(22)} ` +
        `${megabytesPerSecond.toFixed(0).padStart(18)}`,
    );
  }
}
