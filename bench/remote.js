// Requests and bytes of reads over loopback HTTP: one day of one symbol, and a whole column, out of a packed history of
// some size and number of symbols.
//   node bench/remote.js [MB] [symbols,symbols,…]     default: 1000 MB, 1, 10, 100 and 1000 symbols
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, readSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDataset, writeDataset } from 'atc-memory';
import { FrameReader } from '../dist/esm/src/codec/frame-reader.js';
import { memorySource } from '../dist/esm/src/codec/frame-source.js';
import { histories, uniform } from './kit.js';

const DAY_MS = 86_400_000;
const DAYS = 20;
const [megabytes = '1000', counts = '1,10,100,1000'] = process.argv.slice(2);
/** What a row of six columns takes, about. */
const ROW_BYTES = 4.15;

/** A static file server with ranges; counts requests, those under way at a time, and bytes of bodies. */
function serve(directory) {
  const counted = { requests: 0, bytes: 0, underWay: 0, mostUnderWay: 0 };
  const server = createServer((request, response) => {
    counted.requests += 1;
    counted.underWay += 1;
    counted.mostUnderWay = Math.max(counted.mostUnderWay, counted.underWay);
    response.on('close', () => (counted.underWay -= 1));
    const file = path.join(directory, decodeURIComponent(request.url.split('?')[0]));
    let size;
    try {
      size = statSync(file).size;
    } catch {
      response.writeHead(404).end();
      return;
    }
    const match = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
    const from = match === null ? 0 : match[1] === '' ? Math.max(0, size - Number(match[2])) : Number(match[1]);
    const to = match === null || match[1] === '' || match[2] === '' ? size : Math.min(size, Number(match[2]) + 1);
    const bytes = new Uint8Array(to - from);
    const descriptor = openSync(file, 'r');
    readSync(descriptor, bytes, 0, bytes.length, from);
    closeSync(descriptor);
    counted.bytes += bytes.length;
    const range = match === null ? {} : { 'content-range': `bytes ${from}-${to - 1}/${size}` };
    response.writeHead(match === null ? 200 : 206, { 'content-length': bytes.length, ...range });
    // As from a machine nearby: without a delay each request would be answered before the next arrives.
    setTimeout(() => response.end(bytes), 1);
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve({ server, counted, url: `http://127.0.0.1:${server.address().port}` }));
  });
}

function bytesIn(directory) {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0);
}

/** Bytes of a column's chunks, and of those that they are predicted from, in the files of a symbol alone. */
function storedBytes(directory, { segments }, name) {
  let bytes = 0;
  for (const file of new Set(segments.map((segment) => segment.path))) {
    const frame = new FrameReader(memorySource(readFileSync(path.join(directory, file))));
    const [column] = frame.columnIndexes([name]);
    const { lengths, refs } = frame.index;
    for (let at = 0; at < frame.blocks * frame.columns.length; at += frame.columns.length) {
      for (const one of [column, ...refs[at + column]]) bytes += lengths[at + one];
    }
  }
  return bytes;
}

async function readDay(url, symbol, from) {
  const dataset = await openDataset(url);
  let rows = 0;
  const [first] = dataset.symbols;
  const chosen = symbol === undefined ? first : dataset.symbols[symbol];
  const { firstMs, lastMs } = dataset.entry(chosen);
  const days = Math.floor((lastMs - firstMs) / DAY_MS);
  const start = Math.ceil(firstMs / DAY_MS) * DAY_MS + Math.floor(from * (days - 1)) * DAY_MS;
  for await (const { length } of dataset.blocks(chosen, { from: start, to: start + DAY_MS })) rows += length;
  dataset.close();
  return rows;
}

for (const symbols of counts.split(',').map(Number)) {
  const root = mkdtempSync(path.join(tmpdir(), 'remote-bench-'));
  const directory = path.join(root, 'history');
  const rows = Math.round((Number(megabytes) * 1e6) / ROW_BYTES / symbols);
  const started = performance.now();
  (await writeDataset(directory, histories({ symbols, rows, columns: 'candles' }), { durability: 'process' })).close();
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const { server, counted, url } = await serve(directory);
  const random = uniform(7);
  const days = [];
  for (let k = 0; k < DAYS; k++) {
    Object.assign(counted, { requests: 0, bytes: 0 });
    const read = await readDay(url, Math.floor(random() * symbols), random());
    days.push({ ...counted, rows: read });
  }
  const most = (name) => Math.max(...days.map((day) => day[name]));
  const mean = Math.round(days.reduce((sum, day) => sum + day.bytes, 0) / DAYS);
  const dataset = await openDataset(url);
  const [symbol] = dataset.symbols;
  Object.assign(counted, { requests: 0, bytes: 0, mostUnderWay: 0 });
  const { length } = await dataset.table(symbol).column('close');
  const stored = storedBytes(directory, dataset.entry(symbol), 'close');
  dataset.close();
  console.log(
    JSON.stringify({
      megabytes: Math.round(bytesIn(directory) / 1e6),
      symbols,
      rowsEach: rows,
      written: `${seconds} s`,
      brief: statSync(path.join(directory, 'catalogue.brief')).size,
      catalogue: statSync(path.join(directory, 'catalogue.json')).size,
      day: { rows: most('rows'), requests: most('requests'), meanBytes: mean, mostBytes: most('bytes') },
      column: {
        rows: length,
        requests: counted.requests,
        underWay: counted.mostUnderWay,
        bytes: counted.bytes,
        stored,
        ratio: Number((counted.bytes / stored).toFixed(4)),
      },
    }),
  );
  server.closeAllConnections();
  server.close();
  rmSync(root, { recursive: true });
}
