/**
 * How fast others code the same columns: zstd of Node where it has one, and what Python has. Nothing of it has to be
 * there.
 */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import zlib from 'node:zlib';
import type { HostFiles } from './history.js';
import { pythonWith } from './user-tree.js';

/** Of one coding: its size, and MB of float64 per second, a figure a turn. */
export interface PeerSpeed {
  readonly name: string;
  readonly bytes: number;
  readonly encode: readonly number[];
  readonly decode: readonly number[];
}

/** Node 22.15 and later. */
export function nodeZstd():
  | { encode(bytes: Uint8Array): Uint8Array; decode(bytes: Uint8Array): Uint8Array }
  | undefined {
  const { zstdCompressSync, zstdDecompressSync, constants } = zlib as unknown as {
    zstdCompressSync?: (bytes: Uint8Array, options: object) => Uint8Array;
    zstdDecompressSync: (bytes: Uint8Array) => Uint8Array;
    constants: Record<string, number>;
  };
  if (zstdCompressSync === undefined) return undefined;
  const params = { [constants.ZSTD_c_compressionLevel]: 3 };
  return { encode: (bytes) => zstdCompressSync(bytes, { params }), decode: zstdDecompressSync };
}

interface PythonPeer {
  /** All of them have to be importable. */
  readonly modules: readonly string[];
  /** For those who miss it. */
  readonly install: string;
  /** Yields (name, encode, decode, size): `encode()` gives what `decode` takes. */
  readonly codings: string;
}

const PYTHON_PEERS: readonly PythonPeer[] = [
  {
    modules: ['blosc'],
    install: 'python-blosc (Debian: python3-blosc)',
    codings: `
import blosc
blosc.set_nthreads(1)
def codings():
    for name, cname, level, shuffle in (
            ('blosc blosclz-5', 'blosclz', 5, blosc.SHUFFLE),
            ('blosc lz4-5', 'lz4', 5, blosc.SHUFFLE),
            ('blosc zstd-9 bits', 'zstd', 9, blosc.BITSHUFFLE)):
        encode = lambda: [blosc.compress(c, typesize=8, clevel=level, shuffle=shuffle, cname=cname) for c in columns]
        yield name, encode, lambda coded: [blosc.decompress(c) for c in coded], lambda coded: sum(map(len, coded))
`,
  },
  {
    modules: ['zstandard'],
    install: 'python-zstandard (Debian: python3-zstandard)',
    codings: `
import zstandard
def codings():
    encoder, decoder = zstandard.ZstdCompressor(level=3), zstandard.ZstdDecompressor()
    joined = b''.join(columns)
    yield 'raw, zstd -3 (Python)', lambda: encoder.compress(joined), decoder.decompress, len
`,
  },
  {
    modules: ['pyarrow', 'pyarrow.parquet'],
    install: 'pyarrow (pip)',
    codings: `
import pyarrow, pyarrow.parquet as parquet
def codings():
    arrays = [pyarrow.Array.from_buffers(pyarrow.float64(), len(c) // 8, [None, pyarrow.py_buffer(c)]) for c in columns]
    table = pyarrow.table(dict(zip(names, arrays)))
    for coder in ('snappy', 'zstd'):
        def encode():
            sink = pyarrow.BufferOutputStream()
            parquet.write_table(table, sink, compression=coder)
            return sink.getvalue()
        decode = lambda coded: parquet.read_table(pyarrow.BufferReader(coded), use_threads=False)
        yield f'Parquet, {coder} (pyarrow)', encode, decode, lambda coded: coded.size
`,
  },
  {
    modules: ['duckdb', 'numpy'],
    install: 'duckdb with numpy (pip)',
    codings: `
import duckdb, numpy, os
# Global: SQL sees it under its name.
data = {name: numpy.frombuffer(c) for name, c in zip(names, columns)}
def codings():
    connection = duckdb.connect(config={'threads': 1})
    file = os.path.join(work, 'speed.parquet')
    def encode():
        connection.execute(f"COPY (SELECT * FROM data) TO '{file}' (FORMAT parquet, COMPRESSION zstd)")
        return file
    decode = lambda coded: connection.execute(f"SELECT * FROM '{coded}'").fetchnumpy()
    yield 'Parquet, zstd (DuckDB)', encode, decode, os.path.getsize
`,
  },
];

/**
 * Columns in bytes under their names. A turn of each that is not counted, then as many as were asked for, or one
 * where a turn takes seconds.
 */
const PROGRAM = (codings: string) => `
import json, sys, time
work, rounds, files = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
names, columns = list(files), [open(file, 'rb').read() for file in files.values()]
total = sum(map(len, columns))
${codings}
def speeds(action):
    out = []
    for turn in range(rounds + 1):
        start = time.perf_counter()
        action()
        seconds = time.perf_counter() - start
        if turn > 0 or seconds > 2: out.append(total / 1e6 / seconds)
        if seconds > 2: break
    return out
out = []
for name, encode, decode, size in codings():
    coded = encode()
    out.append({'name': name, 'bytes': size(coded), 'encode': speeds(encode), 'decode': speeds(lambda: decode(coded))})
print(json.dumps(out))
`;

/** Speeds of what Python has, and what it has not, with how to get it. */
export function pythonSpeeds(files: HostFiles, work: string, rounds: number): { speeds: PeerSpeed[]; left: string[] } {
  const speeds: PeerSpeed[] = [];
  const left: string[] = [];
  for (const { modules, install, codings } of PYTHON_PEERS) {
    const python = pythonWith(modules);
    if (python === undefined) {
      left.push(install);
      continue;
    }
    const raw = Object.entries(files.raw).map(([name, file]) => [name, path.resolve(file)]);
    const args = ['-c', PROGRAM(codings), work, String(rounds), JSON.stringify(Object.fromEntries(raw))];
    const { status, stdout, stderr } = spawnSync(python, args, { encoding: 'utf8' });
    // A peer in a version that works otherwise must not end the benchmark.
    if (status === 0) speeds.push(...(JSON.parse(stdout) as PeerSpeed[]));
    else left.push(`${modules[0]} (it failed: ${stderr.trim().split('\n').at(-1)})`);
  }
  return { speeds, left };
}
