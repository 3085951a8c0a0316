// Text files of candles in the ways in which others write them, of any size.
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { uniform } from '../kit.js';

const MINUTE = 60_000;
const START = 1_200_000_000_000;
/** Of files that stand newest first. */
const LAST = 4_000_000_000_000;

/** Rows as objects: prices of two decimals, volumes of eight, a minute apart. */
export function* candles() {
  const random = uniform(1);
  let close = 2_000_000;
  for (let k = 0; ; k++) {
    const open = close;
    close = Math.max(100, open + Math.round((random() - 0.5) * 4000));
    const high = (Math.max(open, close) + Math.floor(random() * 900)) / 100;
    const low = (Math.min(open, close) - Math.floor(random() * 90)) / 100;
    yield [START + k * MINUTE, open / 100, high, low, close / 100, Math.floor(random() * 4e10) / 1e8];
  }
}

const iso = (ms) => new Date(ms).toISOString().slice(0, 19);
const plain = (row) => `${row.join(',')}\n`;
const NAMES = ['timestamp', 'open', 'high', 'low', 'close', 'volume'];
const HEADER = `${NAMES.join(',')}\n`;

/** How each kind is written, and the options that it is read with. */
export const TEXT_KINDS = {
  csv: { name: 'a.csv', head: HEADER, row: plain },
  iso: { name: 'a.csv', head: HEADER, row: ([ms, ...rest]) => `${iso(ms)}Z,${rest.join(',')}\n` },
  gzip: { name: 'a.csv.gz', head: HEADER, row: plain, isGzip: true },
  zip: { name: 'a.zip', head: HEADER, row: plain, pack: (from, to) => ['zip', '-1', '-q', '-j', to, from] },
  zst: { name: 'a.csv.zst', head: HEADER, row: plain, pack: (from, to) => ['zstd', '-1', '-q', from, '-o', to] },
  zone: {
    name: 'a.csv',
    head: HEADER,
    row: ([ms, ...rest]) => `${iso(ms).replace('T', ' ')},${rest.join(',')}\n`,
    options: { timezone: 'Africa/Lagos' },
  },
  quoted: { name: 'a.csv', head: HEADER, row: (row) => `"${row.join('","')}"\n` },
  ndjson: {
    name: 'a.ndjson',
    head: '',
    row: (row) => `${JSON.stringify(Object.fromEntries(NAMES.map((name, k) => [name, row[k]])))}\n`,
  },
  json: {
    name: 'a.json',
    head: '[',
    row: (row, k) => `${k === 0 ? '' : ','}${JSON.stringify(row)}`,
    tail: ']',
    options: { as: 'ohlcv' },
  },
  reversed: { name: 'a.csv', head: HEADER, row: ([ms, ...rest]) => `${LAST - (ms - START)},${rest.join(',')}\n` },
};

/** Writes text of about `bytes`; a kind of a container is packed on the way, or by the tool that makes such files. */
function writeText(file, { head, row, tail = '', isGzip = false }, bytes) {
  const descriptor = openSync(file, 'wx');
  const put = (text) => writeSync(descriptor, isGzip ? gzipSync(text, { level: 1 }) : text);
  put(head);
  let written = head.length;
  let text = '';
  let k = 0;
  for (const candle of candles()) {
    text += row(candle, k++);
    if (text.length < 1 << 20) continue;
    put(text);
    written += text.length;
    text = '';
    if (written >= bytes) break;
  }
  if (tail !== '') put(tail);
  closeSync(descriptor);
  return { text: written, rows: k };
}

/** Undefined where the tool that packs such files is not installed. */
export function writeTextFile(file, kind, bytes) {
  const { pack } = kind;
  if (pack === undefined) return writeText(file, kind, bytes);
  const plain = `${file}.csv`;
  const written = writeText(plain, kind, bytes);
  const [command, ...args] = pack(plain, file);
  const { error, status } = spawnSync(command, args, { stdio: 'inherit' });
  rmSync(plain);
  if (error?.code === 'ENOENT') return undefined;
  if (status !== 0) throw new Error(`${command} ended with ${status}`);
  return written;
}
