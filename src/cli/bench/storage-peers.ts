/**
 * What else a user could store columns in: what Node brings, and what is installed in the user's tree or on the
 * machine.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import path from 'node:path';
import zlib from 'node:zlib';
import { bytesOf, type Columns } from '../../dtype.js';
import { diskUsage } from '../../io/disk-usage.js';
import { removePath, writePlainFile } from '../../io/plain-files.js';
import type { BenchContext } from './context.js';
import { hasCommand, pythonWith } from './user-tree.js';

export interface Method {
  readonly name: string;
  /** Bytes that the columns take; undefined where it cannot store them. */
  readonly bytes: (columns: Columns) => number | undefined | Promise<number | undefined>;
}

export function storagePeers(context: BenchContext): { methods: Method[]; left: string[] } {
  const left: string[] = [];
  const methods: Method[] = [
    { name: 'raw float64', bytes: (columns) => joined(columns).length },
    { name: 'raw, gzip -6', bytes: (columns) => zlib.gzipSync(joined(columns), { level: 6 }).length },
    { name: 'JSON rows', bytes: (columns) => jsonRows(columns).length },
    { name: 'JSON rows, gzip -6', bytes: (columns) => zlib.gzipSync(jsonRows(columns), { level: 6 }).length },
  ];
  const python = pythonWith(['blosc']);
  if (python === undefined) left.push('python-blosc (Debian: python3-blosc)');
  else methods.push(bloscMethod(python, 'blosclz', 5, 'SHUFFLE'), bloscMethod(python, 'zstd', 9, 'BITSHUFFLE'));
  const zstd = zstdEncoder();
  if (zstd === undefined) left.push('zstd (Node 22.15 or the command zstd)');
  else {
    methods.push({ name: 'raw, zstd -3', bytes: (columns) => zstd(joined(columns), 3) });
    if (!context.isQuick) methods.push({ name: 'raw, zstd -19', bytes: (columns) => zstd(joined(columns), 19) });
  }
  if (context.tree.version('hyparquet-writer') === undefined) left.push('Parquet (npm: hyparquet-writer)');
  else methods.push(hyparquetMethod(context));
  if (context.tree.version('@duckdb/node-api') === undefined) left.push('DuckDB (npm: @duckdb/node-api)');
  else methods.push(...duckdbMethods(context));
  return { methods, left };
}

function joined(columns: Columns): Buffer {
  return Buffer.concat(Object.values(columns).map((column) => bytesOf(column)));
}

function jsonRows(columns: Columns): string {
  const names = Object.keys(columns);
  const rows = Array.from(columns[names[0]] as Float64Array, (_, row) =>
    Object.fromEntries(names.map((name) => [name, columns[name][row]])),
  );
  return JSON.stringify(rows);
}

const BLOSC = `
import sys, blosc
data = sys.stdin.buffer.read()
step = int(sys.argv[1])
options = dict(typesize=8, cname=sys.argv[2], clevel=int(sys.argv[3]), shuffle=getattr(blosc, sys.argv[4]))
total = 0
for at in range(0, len(data), step):
    total += len(blosc.compress(data[at:at + step], **options))
print(total)
`;

/** Column by column, as python-blosc is used on arrays. */
function bloscMethod(python: string, coder: string, level: number, shuffle: 'SHUFFLE' | 'BITSHUFFLE'): Method {
  return {
    name: `blosc ${coder}-${level}${shuffle === 'SHUFFLE' ? '' : ' bits'}`,
    bytes(columns) {
      const step = String(Object.values(columns)[0].byteLength);
      const input = joined(columns);
      const out = execFileSync(python, ['-c', BLOSC, step, coder, String(level), shuffle], { input, encoding: 'utf8' });
      return Number(out);
    },
  };
}

/** Length after zstd: Node's own where there is one, else the command. */
function zstdEncoder(): ((bytes: Buffer, level: number) => number) | undefined {
  const { zstdCompressSync, constants } = zlib as unknown as {
    zstdCompressSync?: (bytes: Uint8Array, options: object) => Uint8Array;
    constants: Record<string, number>;
  };
  if (zstdCompressSync !== undefined) {
    const key = constants.ZSTD_c_compressionLevel;
    return (bytes, level) => zstdCompressSync(bytes, { params: { [key]: level } }).length;
  }
  if (!hasCommand('zstd')) return undefined;
  return (bytes, level) =>
    spawnSync('zstd', [`-${level}`, '-c', '-q'], { input: bytes, maxBuffer: 2 ** 30 }).stdout.length;
}

function hyparquetMethod({ tree }: BenchContext): Method {
  const { parquetWriteBuffer } = tree.load<{
    parquetWriteBuffer(options: { columnData: object[] }): ArrayBuffer;
  }>('hyparquet-writer');
  return {
    name: 'Parquet, snappy (hyparquet-writer)',
    bytes: (columns) =>
      parquetWriteBuffer({
        columnData: Object.entries(columns).map(([name, data]) => ({
          name,
          data: Array.from(data as Float64Array),
          type: 'DOUBLE',
        })),
      }).byteLength,
  };
}

interface DuckDb {
  DuckDBInstance: {
    create(file: string): Promise<{
      connect(): Promise<{ run(sql: string): Promise<unknown>; closeSync(): void }>;
      closeSync(): void;
    }>;
  };
}

/** The columns go over as CSV: the shortest decimals that give the same doubles back. */
function duckdbMethods({ tree, work }: BenchContext): Method[] {
  const { DuckDBInstance } = tree.load<DuckDb>('@duckdb/node-api');
  const store = async (columns: Columns, own: boolean): Promise<number> => {
    const [csv, parquet, database] = ['peer.csv', 'peer.parquet', 'peer.duckdb'].map((name) => path.join(work, name));
    for (const file of [parquet, database]) removePath(file);
    const names = Object.keys(columns);
    const arrays = Object.values(columns);
    const lines = Array.from(arrays[0] as Float64Array, (_, row) => arrays.map((column) => column[row]).join(','));
    writePlainFile(csv, `${names.join(',')}\n${lines.join('\n')}\n`);
    const types = names.map((name) => `'${name}': 'DOUBLE'`).join(', ');
    const source = `read_csv('${csv}', header = true, columns = {${types}})`;
    const instance = await DuckDBInstance.create(own ? database : ':memory:');
    const connection = await instance.connect();
    if (own) {
      await connection.run(`CREATE TABLE candles AS SELECT * FROM ${source}`);
      await connection.run('CHECKPOINT');
    } else await connection.run(`COPY (SELECT * FROM ${source}) TO '${parquet}' (FORMAT parquet, COMPRESSION zstd)`);
    connection.closeSync();
    instance.closeSync();
    return diskUsage(own ? database : parquet).byteLength;
  };
  return [
    { name: 'Parquet, zstd (DuckDB)', bytes: (columns) => store(columns, false) },
    { name: 'DuckDB file', bytes: (columns) => store(columns, true) },
  ];
}
