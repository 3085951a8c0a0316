/** `atc info`: what a path holds, without reading more than headers and indexes. */
import path from 'node:path';
import { Command } from 'commander';
import { getMemoryMappedInfo } from '../../array/load.js';
import { isNpy } from '../../array/npy-header.js';
import { isFrame } from '../../codec/frame-layout.js';
import { FrameReader } from '../../codec/frame-reader.js';
import { openDatasetSync } from '../../dataset/dataset.js';
import { AtcError } from '../../errors.js';
import { diskUsage } from '../../io/disk-usage.js';
import { openFileReader } from '../../io/file-reader.js';
import { isDirectory } from '../../io/path-kind.js';
import { formatBytes, formatCount, formatTable, formatTime } from '../text.js';

export function infoCommand(): Command {
  return new Command('info')
    .description('say what a dataset, a packed file or an array holds')
    .argument('<path>', 'a dataset directory, a frame (.atc) or a .npy file')
    .option('--json', 'print it as JSON')
    .action(async (target: string, flags: { json?: boolean }) => {
      const info = await describe(target);
      process.stdout.write(`${flags.json === true ? JSON.stringify(info.facts) : info.text}\n`);
    });
}

interface Description {
  readonly facts: unknown;
  readonly text: string;
}

async function describe(target: string): Promise<Description> {
  if (isDirectory(target)) return describeDataset(target);
  const file = openFileReader(target);
  try {
    const prefix = file.read(0, Math.min(16, file.byteLength));
    if (isFrame(prefix)) return describeFrame(new FrameReader(file), file.byteLength, target);
    if (isNpy(prefix)) return await describeArray(target);
  } finally {
    file.close();
  }
  throw new AtcError(
    'UNSUPPORTED',
    `${target} is neither a dataset, nor a frame, nor a .npy file; a CSV is read by atc import`,
    {
      path: target,
    },
  );
}

function describeDataset(directory: string): Description {
  const dataset = openDatasetSync(directory);
  const { symbols } = dataset.catalogue;
  dataset.close();
  const usage = diskUsage(directory);
  const rows = symbols.reduce((sum, entry) => sum + entry.rows, 0);
  const rawBytes = symbols.reduce((sum, entry) => sum + entry.rows * entry.columns.length * 8, 0);
  const facts = {
    kind: 'dataset',
    directory,
    layout: dataset.layout,
    rows,
    bytes: usage.byteLength,
    files: usage.files,
    symbols,
  };
  const table = formatTable(
    ['symbol', 'rows', 'from', 'to', 'columns'],
    symbols.map((entry) => [
      entry.symbol,
      formatCount(entry.rows),
      formatTime(entry.firstMs),
      formatTime(entry.lastMs),
      entry.columns.map(({ name, dtype }) => (dtype === 'float64' ? name : `${name} (${dtype})`)).join(' '),
    ]),
  );
  const head =
    `${path.basename(directory)}: dataset, ${dataset.layout}, ${formatCount(rows)} rows, ` +
    `${formatBytes(usage.byteLength)} in ${formatCount(usage.files)} files (${(rawBytes / usage.byteLength).toFixed(2)}x smaller than raw float64)`;
  return { facts, text: `${head}\n\n${table}` };
}

function describeFrame(frame: FrameReader, bytes: number, target: string): Description {
  const rawBytes = frame.decodedBytes(frame.columns.map((_, k) => k));
  const facts = {
    kind: 'frame',
    path: target,
    holds: frame.kind,
    rows: frame.rows,
    blocks: frame.blocks,
    columns: frame.columns,
    bytes,
  };
  const text =
    `${path.basename(target)}: frame of ${frame.kind === 'table' ? 'a table' : 'an array'}, ${formatCount(frame.rows)} rows in ` +
    `${formatCount(frame.blocks)} blocks, ${formatBytes(bytes)} (raw ${formatBytes(rawBytes)}, ${(rawBytes / bytes).toFixed(2)}x)\n` +
    frame.columns.map(({ name, dtype }) => `  ${name} ${dtype}`).join('\n');
  return { facts, text };
}

async function describeArray(target: string): Promise<Description> {
  const info = await getMemoryMappedInfo(target);
  const text = `${path.basename(target)}: .npy array, ${info.dtype} [${info.shape.join(', ')}], ${formatBytes(info.byteLength)}`;
  return { facts: { ...info, kind: 'array', path: target }, text };
}
