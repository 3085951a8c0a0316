// Reading files of others: MB/s and peak memory of an import beside the usual reader of the same format, which only
// fills typed arrays, each in a fresh process. MB are those of the text, also where it is packed, and of the file where
// it is no text. Readers: Papa Parse (CSV; behind gunzip, yauzl, fzstd), readline with JSON.parse (JSON lines),
// JSON.parse of the whole file (JSON array), apache-arrow, hyparquet; for DBN there is none.
//   node bench/formats.js [--size 200MB] [--ours] [--directory DIR]
//     [--kinds csv,quoted,ndjson,json,reversed,gzip,zip,zst,iso,zone,arrow,parquet,npy,dbn]
// `--ours` leaves the other readers out (their memory grows with the file). Needs `npm run build`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BINARY_KINDS, writeBinaryFile } from './formats/binary-files.js';
import { otherOf } from './formats/other-readers.js';
import { TEXT_KINDS, writeTextFile } from './formats/text-files.js';
import { measured, peakMib, runApart } from './kit.js';

const self = fileURLToPath(import.meta.url);
const KINDS = { ...TEXT_KINDS, ...BINARY_KINDS };
const write = (file, kind, bytes) =>
  kind in BINARY_KINDS ? writeBinaryFile(file, kind, bytes) : writeTextFile(file, TEXT_KINDS[kind], bytes);

async function ours(file, kind) {
  const { writeDataset } = await import('../dist/esm/index.js');
  const dataset = await writeDataset(`${file}.ds`, file, {
    layout: 'mapped',
    durability: 'process',
    ...KINDS[kind].options,
  });
  const rows = dataset.catalogue.symbols.reduce((sum, entry) => sum + entry.rows, 0);
  dataset.close();
  rmSync(`${file}.ds`, { recursive: true });
  return { rows };
}

const bytesOf = (text) => {
  const [, number, unit] = /^([\d.]+)(MB|GB)$/i.exec(text) ?? [];
  if (number === undefined) throw new Error(`--size ${text}: a number and MB or GB, such as 200MB`);
  return Number(number) * (unit.toUpperCase() === 'MB' ? 1e6 : 1e9);
};

async function runOnce([way, kind, file]) {
  const { value, ...times } = await measured(() => (way === 'ours' ? ours(file, kind) : otherOf(kind)[1](file)));
  console.log(JSON.stringify({ ...times, peakMib: peakMib(), ...value }));
}

async function measureAll() {
  const { values } = parseArgs({
    options: {
      size: { type: 'string', default: '200MB' },
      kinds: { type: 'string', default: Object.keys(KINDS).join(',') },
      ours: { type: 'boolean', default: false },
      directory: { type: 'string', default: tmpdir() },
    },
  });
  console.log(
    'kind'.padEnd(10),
    'reader'.padEnd(22),
    'MB/s'.padStart(8),
    'MB per CPU s',
    'peak MiB'.padStart(9),
    'rows'.padStart(10),
  );
  for (const kind of values.kinds.split(',')) {
    const directory = mkdtempSync(path.join(values.directory, 'atc-formats-bench-'));
    try {
      const file = path.join(directory, KINDS[kind].name);
      const written = await write(file, kind, bytesOf(values.size));
      if (written === undefined) {
        console.log(kind.padEnd(10), 'left out: the tool that packs such files is not installed');
        continue;
      }
      const { text, rows } = written;
      for (const way of values.ours || otherOf(kind) === undefined ? ['ours'] : ['ours', 'other']) {
        const run = runApart([self, '--run', way, kind, file]);
        if (run.rows !== rows) throw new Error(`${kind}: ${run.rows} rows of ${rows}`);
        const name = way === 'ours' ? 'import' : otherOf(kind)[0];
        const figures = [
          (text / 1e6 / run.seconds).toFixed(1).padStart(8),
          (text / 1e6 / run.cpuSeconds).toFixed(1).padStart(12),
          run.peakMib.toFixed(0).padStart(9),
          String(rows).padStart(10),
        ];
        console.log(kind.padEnd(10), name.padEnd(22), ...figures);
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  }
}

if (process.argv[2] === '--run') await runOnce(process.argv.slice(3));
else await measureAll();
