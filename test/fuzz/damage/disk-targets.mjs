/**
 * Directories of the stores with one damaged file: what is read is what was written, or an error of ours, or (for
 * caches) nothing. With right checksums again as well: a file that is whole in itself is bound to its location.
 */
import fs from 'node:fs';
import path from 'node:path';
import { resized, sameBytes, scratchBytes } from './dice.mjs';
import { mapOf, partOf, resealFrame } from './frames.mjs';

const MINUTE_MS = 60_000;
const CODES = ['CORRUPT', 'FORMAT_VERSION', 'UNSUPPORTED', 'IO'];
const name = { exchange: 'x', symbol: 'A', interval: '1m' };
const price = (k) => 100 + ((k * 37) % 50) / 8;
const columns = (from, rows) => ({
  timestamp: Float64Array.from({ length: rows }, (_, k) => (from + k) * MINUTE_MS),
  close: Float64Array.from({ length: rows }, (_, k) => price(from + k)),
});

/** Targets with a `run` of their own; `root` is an empty directory for them. */
export async function diskTargets(load, root) {
  const api = await load('index.js');
  const { crc32c } = await load('codec/crc32c.js');
  const { checksumOfJson } = await load('io/checked-json.js');
  const at = (...names) => path.join(root, ...names);

  const closes = (directory) => openClosed(api, directory);
  for (const layout of ['packed', 'mapped']) {
    const dataset = await api.writeDataset(
      at(layout),
      [
        { symbol: 'A', columns: columns(0, 300) },
        { symbol: 'B', columns: columns(5, 40) },
      ],
      { layout, durability: 'process' },
    );
    await dataset.append('A', columns(300, 20), { durability: 'process' });
    dataset.close();
  }
  // So many that the catalogue is in pages and short segments share files.
  const many = Array.from({ length: 70 }, (_, k) => ({ symbol: `S${k}`, columns: columns(k, 3) }));
  const paged = await api.writeDataset(at('paged'), many, { durability: 'process' });
  await paged.append('S69', columns(72, 5), { durability: 'process' });
  paged.close();
  const datasets = ['packed', 'mapped', 'paged'].map((layout) => tree(at(layout)));
  const model = await Promise.all(datasets.map(({ directory }) => closes(directory)));

  const candles = ['packed', 'mapped'].map((layout) => {
    const store = api.openCandleStore(at(`candles-${layout}`), { layout });
    const series = store.series(name);
    series.write(Array.from({ length: 60 }, (_, k) => candle(k)));
    series.seal();
    series.write(Array.from({ length: 9 }, (_, k) => candle(60 + k)));
    store.close();
    return tree(at(`candles-${layout}`));
  });
  const written = new Set(Array.from({ length: 69 }, (_, k) => JSON.stringify(candle(k))));

  const entries = new api.EntryDirectory({ directory: at('entries') });
  const values = Object.fromEntries(
    ['a', 'b', 'c'].map((key, n) => [key, { n, prices: Float64Array.from({ length: 90 }, (_, k) => n + k / 8) }]),
  );
  for (const [key, value] of Object.entries(values)) await entries.set(key, value);
  const entryFiles = tree(at('entries'));

  const wrapped = (directory, packed) =>
    api.withMemoryMapping(
      { load: (n) => columns(n, 50) },
      { service: 's', cacheDir: directory, ttlMs: Number.POSITIVE_INFINITY, packed },
    );
  for (const packed of [false, true]) await wrapped(at(`results-${packed}`), packed).load(3);
  const results = [false, true].map((packed) => ({ ...tree(at(`results-${packed}`)), packed }));
  let rounds = 0;

  /** One file other than it was, and whether its own checksums are right. */
  function damageOne({ directory, files }, dice) {
    const file = dice.pick(Object.keys(files));
    const original = files[file];
    let bytes = original.slice();
    let isSealed = false;
    const map = file.endsWith('.atc') ? mapOf(original) : undefined;
    if (dice.chance(5)) ({ bytes } = resized(original, files[dice.pick(Object.keys(files))], dice));
    else {
      const [from, to] = map === undefined ? [0, bytes.length] : partOf(map, dice);
      for (let n = 1 + dice.below(3); n > 0; n--) scratchBytes(bytes, from, to, dice);
      isSealed = dice.chance(2);
      if (isSealed) bytes = reseal(file, bytes, map, dice);
    }
    replace(path.join(directory, file), bytes);
    return { file, isSealed, isSame: sameBytes(bytes, original), bytes };
  }

  function reseal(file, bytes, map, dice) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (map !== undefined) resealFrame(bytes, map, crc32c, dice);
    else if (file.endsWith('.crc')) view.setUint32(bytes.length - 4, crc32c(bytes.subarray(0, -4)), true);
    else if (file.endsWith('.json')) return resealJson(bytes, checksumOfJson) ?? bytes;
    return bytes;
  }

  async function runDataset(dice) {
    const which = dice.below(datasets.length);
    const { directory, files } = datasets[which];
    const { file, isSealed, isSame, bytes } = damageOne(datasets[which], dice);
    try {
      const found = await answer(() => closes(directory));
      if (found.code !== undefined) return found.code;
      if (isSame || found.value === model[which]) return 'whole';
      // A catalogue with a checksum of its own is what the dataset is; its files are bound to it.
      if (isSealed && file === 'catalogue.json') return 'forged';
      throw new Error(`wrong data of ${file}: ${hex(bytes)}`);
    } finally {
      replace(path.join(directory, file), files[file]);
    }
  }

  async function runCandles(dice) {
    const which = dice.below(candles.length);
    const { directory, files } = candles[which];
    const { file, bytes } = damageOne(candles[which], dice);
    try {
      const found = await answer(() => {
        const store = api.openCandleStore(directory);
        try {
          return [...store.series(name).candles()];
        } finally {
          store.close();
        }
      });
      if (found.code !== undefined) return found.code;
      const foreign = found.value.find((one) => !written.has(JSON.stringify(one)));
      if (foreign !== undefined)
        throw new Error(`a candle that nobody wrote, of ${file}: ${JSON.stringify(foreign)} ${hex(bytes)}`);
      return found.value.length === written.size ? 'whole' : 'skipped';
    } finally {
      restore(directory, files);
    }
  }

  async function runEntries(dice) {
    const { file, bytes } = damageOne(entryFiles, dice);
    try {
      const cache = new api.EntryDirectory({ directory: entryFiles.directory });
      let misses = 0;
      for (const [key, value] of Object.entries(values)) {
        const found = await answer(() => cache.get(key));
        if (found.code !== undefined || found.value === undefined) misses++;
        else if (shown(found.value.value) !== shown(value))
          throw new Error(`${key} is another value, of ${file}: ${hex(bytes)}`);
      }
      return misses === 0 ? 'whole' : misses === 1 ? 'miss' : 'misses';
    } finally {
      restore(entryFiles.directory, entryFiles.files);
    }
  }

  /** What was checked once is not checked again by the same process: every case has a directory of its own. */
  async function runResults(dice) {
    const { files, packed } = dice.pick(results);
    const directory = at(`results-${rounds++}`);
    restore(directory, files);
    const { isSealed, bytes, file } = damageOne({ directory, files }, dice);
    try {
      const found = await answer(async () => shown(await wrapped(directory, packed).load(3)));
      if (found.code !== undefined) return found.code;
      if (found.value === shown(columns(3, 50))) return 'whole';
      if (isSealed) return 'forged';
      throw new Error(`a wrong result, of ${file}: ${hex(bytes)}`);
    } finally {
      fs.rmSync(directory, { recursive: true, force: true });
    }
  }

  return {
    dataset: { run: runDataset },
    candles: { run: runCandles },
    entries: { run: runEntries },
    results: { run: runResults },
  };
}

const candle = (k) => ({ timestamp: k * MINUTE_MS, open: k, high: k + 1, low: k - 1, close: k + 0.5, volume: k });
const hex = (bytes) => Buffer.from(bytes.subarray(0, 4000)).toString('hex');
const shown = (value) =>
  JSON.stringify(value, (_, inner) =>
    ArrayBuffer.isView(inner)
      ? Buffer.from(inner.buffer, inner.byteOffset, inner.byteLength).toString('latin1')
      : inner,
  );

async function openClosed(api, directory) {
  const dataset = await api.openDataset(directory);
  try {
    return JSON.stringify(
      dataset.symbols.map((symbol) => {
        const table = dataset.table(symbol);
        const names = table.columns.map((column) => column.name ?? column);
        return [symbol, [...table.blocks(names)].length, names, ...names.map((name) => shown(table.column(name)))];
      }),
    );
  } finally {
    dataset.close();
  }
}

/** Every file of a directory, in memory. */
function tree(directory) {
  const all = fs
    .readdirSync(directory, { recursive: true })
    .filter((file) => fs.statSync(path.join(directory, file)).isFile());
  return {
    directory,
    files: Object.fromEntries(all.map((file) => [file, new Uint8Array(fs.readFileSync(path.join(directory, file)))])),
  };
}

function restore(directory, files) {
  fs.rmSync(directory, { recursive: true, force: true });
  for (const [file, bytes] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(directory, file)), { recursive: true });
    fs.writeFileSync(path.join(directory, file), bytes);
  }
}

/** Under a new inode: another reader may still map the old one. */
function replace(file, bytes) {
  fs.rmSync(file, { force: true });
  fs.writeFileSync(file, bytes);
}

function resealJson(bytes, checksumOfJson) {
  try {
    const { format, version, crc32c, ...content } = JSON.parse(new TextDecoder().decode(bytes));
    return new TextEncoder().encode(JSON.stringify({ format, version, crc32c: checksumOfJson(content), ...content }));
  } catch {
    return undefined;
  }
}

async function answer(read) {
  try {
    return { value: await read() };
  } catch (error) {
    if (error?.name === 'AtcError' && CODES.includes(error.code)) return { code: error.code };
    throw error;
  }
}
