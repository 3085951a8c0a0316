// Caches: what an entry takes, and what setting and getting it costs, beside the caches people use. One process,
// contenders interleaved in every round, medians after a warm-up. Needs a build: npm run build && node bench/cache.js
// Parts (all by default): --objects --array --typical --structures --first. --rounds N, default 15. Data:
// ../shared/data (*.csv.gz, optional; a notice when absent).
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { encodeValue } from 'atc-memory';
import { createKeyv, PackedMemoryStore, withCompression } from 'atc-memory/cache-manager';
import { DiskStore } from 'cache-manager-fs-hash';
import { Keyv } from 'keyv';
import { KeyvFile } from 'keyv-file';
import { firstDifference } from '../dist/esm/src/value/same-value.js';
import { structures } from './cache-structures.js';
import { backtestCache, candleObjects, ema } from './cache-values.js';
import { median } from './kit.js';
import { columnsOf, measureOf, save } from './result-file.js';

const flags = process.argv.slice(2);
const PARTS = ['--objects', '--array', '--typical', '--structures', '--first'];
const asked = PARTS.filter((part) => flags.includes(part));
const isOn = (part) => asked.length === 0 || asked.includes(part);
const rounds = flags.includes('--rounds') ? Number(flags[flags.indexOf('--rounds') + 1]) : 15;
const WARM_UP = 5;

/** For bench/results, a table a part. */
const tables = [];

const count = (n) => Math.round(n).toLocaleString('en-US');
const ms = (n) => (n < 9.995 ? n.toFixed(2) : n.toFixed(1));
const cell = (text, width) => String(text).padStart(width);

const scratch = mkdtempSync(path.join(tmpdir(), 'atc-bench-cache-'));
const fileOf = (name) => path.join(scratch, name.replaceAll(/\W/g, '_'));

function bytesBelow(directory) {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0);
}

/**
 * Keyv's own `compression` option works on values before they are text, and loses objects: here its serializer does
 * the work.
 */
const gzipped = {
  serialize: (item) => gzipSync(JSON.stringify(item)).toString('base64'),
  deserialize: (text) => JSON.parse(gunzipSync(Buffer.from(text, 'base64')).toString()),
};

/** A Keyv over a Map: bytes are those of the texts. */
function inMemory(options = {}, wrap = (keyv) => keyv) {
  const store = new Map();
  const keyv = wrap(new Keyv({ store, ...options }));
  const bytes = () => [...store.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  return { get: (key) => keyv.get(key), set: (key, value) => keyv.set(key, value), bytes };
}

function inFiles(name, create) {
  const directory = fileOf(name);
  const cache = create(directory);
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value),
    bytes: () => bytesBelow(directory),
  };
}

function packedMemory(level) {
  const store = new PackedMemoryStore({ level, maxBytes: 2 ** 30 });
  const keyv = new Keyv({ store, serialize: undefined, deserialize: undefined });
  return { get: (key) => keyv.get(key), set: (key, value) => keyv.set(key, value), bytes: () => store.byteLength };
}

const JSON_PEER = 'Keyv, memory, JSON';
const ZIP_PEER = 'fs-hash, files, zip';
const OURS = 'createKeyv, files, level 5';

function contenders() {
  return {
    [JSON_PEER]: inMemory(),
    'Keyv, memory, gzip': inMemory(gzipped),
    'keyv-file, one file': inFiles('keyv-file', (directory) => {
      return new Keyv({ store: new KeyvFile({ filename: path.join(directory, 'all.json'), writeDelay: 0 }) });
    }),
    'fs-hash, files': inFiles('fs-hash', (directory) => new DiskStore({ path: directory })),
    [ZIP_PEER]: inFiles('fs-hash-zip', (directory) => new DiskStore({ path: directory, zip: true })),
    [OURS]: inFiles('ours', (directory) => createKeyv({ directory })),
    'createKeyv, files, level 1': inFiles('ours1', (directory) => createKeyv({ directory, level: 1 })),
    'withCompression, memory, text': inMemory({}, (keyv) => withCompression(keyv)),
    'PackedMemoryStore, level 1': packedMemory(1),
  };
}

/** Sets and gets one value in all of them, round after round; prints a line each. */
async function race(name, title, value, json) {
  console.log(`\n${title}: JSON ${count(json)} bytes; set and get in ms, medians of ${rounds} (best)`);
  const results = new Map();
  const all = contenders();
  for (let round = -WARM_UP; round < rounds; round++) {
    for (const [name, cache] of Object.entries(all)) {
      const result = results.get(name) ?? { set: [], get: [] };
      results.set(name, result);
      const start = performance.now();
      await cache.set('key', value);
      const between = performance.now();
      const back = await cache.get('key');
      const end = performance.now();
      if (round === -1) result.difference = firstDifference(back, value);
      if (round < 0) continue;
      result.set.push(between - start);
      result.get.push(end - between);
    }
  }
  for (const [name, { set, get, difference }] of results) {
    const bytes = all[name].bytes();
    const times = [set, get].map((list) => `${cell(ms(median(list)), 6)} (${ms(Math.min(...list))})`.padEnd(15));
    const back = difference === undefined ? 'the same value' : `NOT the same: ${difference}`;
    console.log(`  ${name.padEnd(30)} ${cell(count(bytes), 10)} bytes  set ${times[0]} get ${times[1]} ${back}`);
    Object.assign(results.get(name), { bytes, setMs: median(set), getMs: median(get) });
  }
  tables.push({
    name,
    title,
    columns: columnsOf({ 'stored by': 'text', bytes: 'count', set: 'ms', get: 'ms', returned: 'text' }),
    rows: [...results].map(([cache, { bytes, set, get, difference }]) => {
      return [cache, bytes, measureOf(set), measureOf(get), difference === undefined ? 'same' : 'CHANGED'];
    }),
    notes: [`As JSON: ${count(json)} bytes.`],
  });
  return results;
}

function goal(text, isMet) {
  console.log(`  ${isMet ? 'met ' : 'MISSED'} ${text}`);
  if (!isMet) process.exitCode = 1;
}

async function objects() {
  const value = candleObjects(10_000);
  const results = await race('objects', '10,000 candle objects, 2 decimals', value, JSON.stringify(value).length);
  const [json, ours] = [JSON_PEER, OURS].map((name) => results.get(name));
  goal(`at most 80,000 bytes: ${count(ours.bytes)}`, ours.bytes <= 80_000);
  goal(`set at most half of ${JSON_PEER}: ${(ours.setMs / json.setMs).toFixed(2)}`, ours.setMs <= json.setMs / 2);
  goal(`get at most half of ${JSON_PEER}: ${(ours.getMs / json.getMs).toFixed(2)}`, ours.getMs <= json.getMs / 2);
}

async function array() {
  const closes = Float64Array.from(candleObjects(100_000), ({ close }) => close);
  const value = ema(closes, 28);
  const results = await race('array', 'Float64Array(100,000), an EMA', value, JSON.stringify([...value]).length);
  const [zip, ours] = [ZIP_PEER, OURS].map((name) => results.get(name));
  goal(`at most 500,000 bytes: ${count(ours.bytes)}`, ours.bytes <= 500_000);
  goal(`the same bits: ${ours.difference ?? 'yes'}`, ours.difference === undefined);
  const faster = zip.getMs / ours.getMs;
  goal(`get at least 5 times as fast as ${ZIP_PEER}: ${faster.toFixed(1)}`, faster >= 5);
}

async function typical() {
  const entries = backtestCache();
  const arrays = entries.filter(([, value]) => ArrayBuffer.isView(value));
  const raw = arrays.reduce((sum, [, value]) => sum + value.byteLength, 0);
  // As plain arrays: a typed array would be an object with a key per index.
  const plain = entries.map(([key, value]) => [key, ArrayBuffer.isView(value) ? [...value] : value]);
  const json = plain.reduce((sum, [, value]) => sum + JSON.stringify(value).length, 0);
  console.log(
    `\ncache of a backtest: ${arrays.length} arrays and ${entries.length - arrays.length} objects of statistics`,
  );
  const sizes = {};
  const caches = {
    'fs-hash, files, zip, plain arrays': inFiles(
      't-plain',
      (directory) => new DiskStore({ path: directory, zip: true }),
    ),
    [ZIP_PEER]: inFiles('t-zip', (directory) => new DiskStore({ path: directory, zip: true })),
    'createKeyv, files, level 1': inFiles('t-1', (directory) => createKeyv({ directory, level: 1 })),
    'createKeyv, files, level 3': inFiles('t-3', (directory) => createKeyv({ directory, level: 3 })),
    [OURS]: inFiles('t-5', (directory) => createKeyv({ directory })),
    'createKeyv, files, level 9': inFiles('t-9', (directory) => createKeyv({ directory, level: 9 })),
  };
  const show = (name, bytes, times = '') => {
    sizes[name] = bytes;
    const ratio = (json / bytes).toFixed(2);
    console.log(
      `  ${name.padEnd(34)} ${cell(count(bytes), 11)} bytes, ${cell(ratio, 6)} times smaller than JSON${times}`,
    );
  };
  show('JSON', json);
  show('float64', raw);
  for (const [name, cache] of Object.entries(caches)) {
    const given = name.endsWith('plain arrays') ? plain : entries;
    const start = performance.now();
    for (const [key, value] of given) await cache.set(key, value);
    const set = performance.now() - start;
    for (const [key, value] of given) {
      const difference = firstDifference(await cache.get(key), value);
      if (difference !== undefined) throw new Error(`${name}: ${key}: ${difference}`);
    }
    const again = performance.now();
    for (const [key] of given) await cache.get(key);
    show(name, cache.bytes(), `, set ${ms(set)} ms, get ${ms(performance.now() - again)} ms`);
  }
  const kinds = {};
  for (const [key, value] of arrays) {
    const kind = (kinds[key.split(':')[1]] ??= { raw: 0, encoded: 0 });
    kind.raw += value.byteLength;
    kind.encoded += encodeValue(value).length;
  }
  const ratios = Object.entries(kinds).map(
    ([kind, { raw: from, encoded }]) => `${kind} ${(from / encoded).toFixed(2)}`,
  );
  console.log(`  times smaller than float64 at level 5: ${ratios.join(', ')}`);
  tables.push({
    name: 'typical',
    title: 'The cache of a backtest',
    columns: columnsOf({ 'stored by': 'text', 'smaller than JSON': 'ratio', bytes: 'count' }),
    rows: Object.entries(sizes).map(([name, bytes]) => [name, json / bytes, bytes]),
    notes: [
      `${arrays.length} arrays and ${entries.length - arrays.length} objects of statistics. Times smaller than ` +
        `float64 at level 5: ${ratios.join(', ')}.`,
    ],
  });
  const zip = Math.min(sizes[ZIP_PEER], sizes['fs-hash, files, zip, plain arrays']);
  goal(`at least 5 times smaller than JSON: ${(json / sizes[OURS]).toFixed(2)}`, json / sizes[OURS] >= 5);
  goal(`at least 1.8 times smaller than fs-hash zip: ${(zip / sizes[OURS]).toFixed(2)}`, zip / sizes[OURS] >= 1.8);
}

/** The first call of a process compiles kernels and warms nothing up: each in a process of its own. */
function firstCalls() {
  console.log('\nfirst call and tenth call in a fresh process, ms (median of 5 processes)');
  const script = `
    import { candleObjects, ema } from './bench/cache-values.js';
    import { decodeValue, encodeValue } from 'atc-memory';
    const candles = candleObjects(10_000);
    const value = process.argv[1] === 'array' ? ema(Float64Array.from(candles, (row) => row.close), 28) : candles;
    const json = process.argv[1] === 'json';
    const [encode, decode] = json ? [JSON.stringify, JSON.parse] : [encodeValue, decodeValue];
    const times = [];
    for (let i = 0; i < 10; i++) {
      const start = performance.now();
      const bytes = encode(value);
      const between = performance.now();
      decode(bytes);
      times.push([between - start, performance.now() - between]);
    }
    console.log(JSON.stringify([times[0], times[9]]));`;
  const calls = [];
  const what = { array: 'Float64Array(10,000)', objects: '10,000 candle objects', json: 'the same, JSON' };
  for (const [name, title] of Object.entries(what)) {
    const runs = Array.from({ length: 5 }, () =>
      JSON.parse(
        execFileSync(process.execPath, ['--input-type=module', '-e', script, name], {
          cwd: path.dirname(path.dirname(fileURLToPath(import.meta.url))),
          encoding: 'utf8',
        }),
      ),
    );
    const measured = (call, step) => measureOf(runs.map((run) => run[call][step]));
    calls.push([title, measured(0, 0), measured(1, 0), measured(0, 1), measured(1, 1)]);
    const at = (call, step) => ms(median(runs.map((run) => run[call][step])));
    console.log(`  ${title.padEnd(24)} encode ${at(0, 0)}, then ${at(1, 0)}; decode ${at(0, 1)}, then ${at(1, 1)}`);
  }
  tables.push({
    name: 'first',
    title: 'First calls in a fresh process',
    columns: columnsOf({
      value: 'text',
      'encode, first': 'ms',
      'encode, tenth': 'ms',
      'decode, first': 'ms',
      'decode, tenth': 'ms',
    }),
    rows: calls,
  });
}

const machine = `${cpus()[0].model}, Node ${process.version}, load ${loadavg()[0].toFixed(1)}`;
console.log(`${machine}; medians of ${rounds} rounds after ${WARM_UP} that are not counted`);
try {
  if (isOn('--objects')) await objects();
  if (isOn('--array')) await array();
  if (isOn('--typical')) await typical();
  if (isOn('--structures')) tables.push(...structures());
  if (isOn('--first')) firstCalls();
  save('cache-costs', {
    history:
      `One process, contenders interleaved, ${rounds} rounds after ${WARM_UP} that are not counted; files in the ` +
      'page cache.',
    rounds,
    tables,
  });
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
