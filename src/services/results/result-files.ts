/**
 * Cached results on disk: generations of .npy files, or of packed frames, with a description beside them. Every file
 * has a checksum there; the files are checked when this process opens them first, and frames check themselves.
 */
import path from 'node:path';
import { openArray } from '../../array/load.js';
import { encodeNpyHeader } from '../../array/npy-header-writer.js';
import { type GenerationLease, Generations } from '../../cache-directory/generations.js';
import type { CompressionOptions } from '../../codec/compression-options.js';
import { crc32c } from '../../codec/crc32c.js';
import { compressDataFrame, decompressDataFrame } from '../../codec/table-frame.js';
import type { SourceStamp } from '../../dataset/source-stamps.js';
import { bytesOf, type Columns, type Dtype, dtypeOf, type TypedArray } from '../../dtype.js';
import { AtcError, isAtcError } from '../../errors.js';
import { writeFileAtomicSync } from '../../io/atomic-file.js';
import { checksumOfJson } from '../../io/checked-json.js';
import { openFileReader } from '../../io/file-reader.js';
import { FileWriter } from '../../io/file-writer.js';
import { readTextFile } from '../../io/path-kind.js';
import type { MappingBackendChoice } from '../../io/select-backend.js';
import { type Description, describeResult, type ResultColumn, rebuildResult } from './result-columns.js';

/** 3 has lists of tuples; results without them are written as 2, which earlier versions read too. */
const FORMAT = 3;
const FORMAT_WITHOUT_TUPLES = 2;
const FACTS_FILE = 'kept.json';
/** Columns smaller than this are copied: a map of their own would cost more than they do. */
const MIN_MAPPED_BYTES = 64 * 1024;
const CHUNK_BYTES = 1 << 20;

/** Where each column is: a .npy file of its own, or a column of a frame that holds all columns of one length. */
interface ColumnLocation {
  readonly file: string;
  readonly column?: string;
}

export interface ResultFacts {
  readonly format: number;
  /** Text of the arguments; a digest of it names the location. */
  readonly key: string;
  /** Whatever has to be the same for the result to be fresh. */
  readonly version: string;
  /** The files it was made from; it is fresh as long as they are unchanged. */
  readonly sources: readonly SourceStamp[];
  readonly createdMs: number;
  /** Whether the method gave a promise of it. */
  readonly isAsync: boolean;
  readonly description: Description;
  readonly columns: readonly ColumnLocation[];
  /** CRC-32C of each file. */
  readonly checksums: Readonly<Record<string, number>>;
  /** Bytes of the columns, and of the files. */
  readonly plainBytes: number;
  readonly fileBytes: number;
}

export interface StoreResultOptions extends CompressionOptions {
  /** As packed frames instead of .npy files. */
  readonly packed: boolean;
}

/** A cached result whose files stay until release. */
export interface CachedResult {
  readonly directory: string;
  readonly facts: ResultFacts;
  release(): void;
}

/**
 * Writes `result` as the new generation of `location`; undefined while another process does. Throws UNSUPPORTED for
 * results that cannot be stored, IO when the disk fails.
 */
export function storeResult(
  location: string,
  result: unknown,
  known: Pick<ResultFacts, 'key' | 'version' | 'sources' | 'isAsync'>,
  options: StoreResultOptions,
): CachedResult | undefined {
  const { description, columns } = describeResult(result);
  if (columns.length === 0)
    throw new AtcError('UNSUPPORTED', 'the result has no columns; the provider is asked every time');
  let facts: ResultFacts | undefined;
  const lease = new Generations(location).tryReplace((directory) => {
    const files = options.packed ? packed(columns, options) : mapped(columns);
    const { checksums, fileBytes } = writeFiles(directory, files);
    const plainBytes = columns.reduce((sum, { values }) => sum + values.byteLength, 0);
    facts = {
      format: hasTuples(description) ? FORMAT : FORMAT_WITHOUT_TUPLES,
      ...known,
      createdMs: Date.now(),
      description,
      columns: files.locations,
      checksums,
      plainBytes,
      fileBytes,
    };
    const text = JSON.stringify({ facts, checksum: checksumOfJson(facts) });
    writeFileAtomicSync(path.join(directory, FACTS_FILE), text, { durability: 'process' });
  }, 'process');
  return lease && { directory: lease.path, facts: facts!, release: lease.release };
}

function hasTuples(description: Description): boolean {
  if (description.is === 'object') return description.fields.some(([, field]) => hasTuples(field));
  return description.is === 'tuples';
}

function writeFiles(directory: string, { list }: Files): Pick<ResultFacts, 'checksums' | 'fileBytes'> {
  const checksums: Record<string, number> = {};
  let fileBytes = 0;
  for (const { name, parts } of list) {
    const writer = new FileWriter(path.join(directory, name), { durability: 'process' });
    let checksum = 0;
    try {
      for (const part of parts) {
        writer.write(part);
        checksum = crc32c(part, checksum);
      }
      fileBytes += writer.byteLength;
      writer.commit();
    } catch (error) {
      writer.abort();
      throw error;
    }
    checksums[name] = checksum;
  }
  return { checksums, fileBytes };
}

interface Files {
  readonly locations: readonly ColumnLocation[];
  readonly list: Iterable<{ readonly name: string; readonly parts: readonly Uint8Array[] }>;
}

/** The user's name where a file can have it, so that numpy users find their columns. */
function fileName(index: number, name: string): string {
  return `${index}-${name.replace(/[^\w-]/g, '_').slice(0, 60)}.npy`;
}

function mapped(columns: readonly ResultColumn[]): Files {
  const list = columns.map(({ name, values }, i) => {
    const header = encodeNpyHeader({ dtype: dtypeOf(values) as Dtype, shape: [values.length] });
    return { name: fileName(i, name), parts: [header, bytesOf(values)] };
  });
  return { locations: list.map(({ name }) => ({ file: name })), list };
}

function packed(columns: readonly ResultColumn[], options: CompressionOptions): Files {
  const tables = new Map<number, Columns>();
  const locations = columns.map(({ name, values }, i): ColumnLocation => {
    const table = tables.get(values.length) ?? {};
    tables.set(values.length, table);
    // Codecs recognise open, high, low and close; a name can be there only once.
    const column =
      /^[\w ]{1,60}$/.test(name) && name !== '__proto__' && !Object.hasOwn(table, name) ? name : `column-${i}`;
    table[column] = values;
    return { file: `${values.length}.atc`, column };
  });
  const frames = [...tables].map(([length, table]) => ({
    name: `${length}.atc`,
    parts: [compressDataFrame(table, options)],
  }));
  return { locations, list: frames };
}

/** What is cached under this key, or undefined; nothing of the columns is read. CORRUPT for a damaged description. */
export function findCached(location: string, key: string): CachedResult | undefined {
  const lease = new Generations(location).acquire();
  if (lease === undefined) return undefined;
  try {
    const facts = readFacts(lease);
    const isKnown = facts.format === FORMAT || facts.format === FORMAT_WITHOUT_TUPLES;
    if (isKnown && facts.key === key) return { directory: lease.path, facts, release: lease.release };
  } catch (error) {
    lease.release();
    throw error;
  }
  lease.release();
  return undefined;
}

/** The description of what is cached in a location, whatever its key: for reports. CORRUPT for a damaged one. */
export function describeCached(
  location: string,
): Pick<ResultFacts, 'plainBytes' | 'fileBytes' | 'createdMs' | 'format'> | undefined {
  const lease = new Generations(location).inspect();
  if (lease === undefined) return undefined;
  try {
    return readFacts(lease);
  } finally {
    lease.release();
  }
}

function readFacts(lease: GenerationLease): ResultFacts {
  const file = path.join(lease.path, FACTS_FILE);
  const { facts, checksum } = parsed(readTextFile(file) ?? '');
  if (facts !== undefined && checksum === checksumOfJson(facts)) return facts as ResultFacts;
  throw new AtcError('CORRUPT', `${file} is damaged; the result is rebuilt`, { path: file, offset: 0 });
}

function parsed(text: string): { readonly facts?: unknown; readonly checksum?: unknown } {
  try {
    return JSON.parse(text) ?? {};
  } catch {
    return {};
  }
}

/**
 * Generations whose files this process has checked: by number and time, because a removed location begins with 1 again.
 */
const checked = new Set<string>();

/** For tests: the next open checks again. */
export function forgetChecked(): void {
  checked.clear();
}

/** The result in its shape. CORRUPT for damage of any kind, IO when a file cannot be read. */
export function openCached({ directory, facts }: CachedResult, backend: MappingBackendChoice): unknown {
  const identity = `${directory} ${facts.createdMs}`;
  if (!checked.has(identity)) {
    for (const [name, checksum] of Object.entries(facts.checksums)) check(path.join(directory, name), checksum);
    checked.add(identity);
  }
  const frames = new Map<string, Columns>();
  try {
    return rebuildResult(facts.description, (index, use) => {
      const location = facts.columns[index];
      const file = path.join(directory, path.basename(location.file));
      if (location.column === undefined) return openColumn(file, use, backend);
      let frame = frames.get(file);
      if (frame === undefined) frames.set(file, (frame = decompressDataFrame(readWhole(file))));
      return frame[location.column];
    });
  } catch (cause) {
    if (isAtcError(cause)) throw cause;
    throw new AtcError('CORRUPT', `${directory}: a cached result makes no sense; it is rebuilt`, {
      path: directory,
      cause,
    });
  }
}

/**
 * A private, writable view: the caller may change what it was given, as it always could. The view outlives the closed
 * file.
 */
function openColumn(file: string, use: 'view' | 'copy', backend: MappingBackendChoice): TypedArray {
  const array = openArray(file, 'c', { format: 'npy' }, backend);
  try {
    return use === 'view' && array.byteLength >= MIN_MAPPED_BYTES ? array.view() : array.slice();
  } finally {
    array.close();
  }
}

function readWhole(file: string): Uint8Array {
  const reader = openFileReader(file);
  try {
    return reader.read(0, reader.byteLength);
  } finally {
    reader.close();
  }
}

function check(file: string, expected: number): void {
  const reader = openFileReader(file);
  try {
    let checksum = 0;
    for (let offset = 0; offset < reader.byteLength; offset += CHUNK_BYTES) {
      checksum = crc32c(reader.read(offset, Math.min(CHUNK_BYTES, reader.byteLength - offset)), checksum);
    }
    if (checksum === expected) return;
    throw new AtcError('CORRUPT', `${file} is damaged: its checksum is wrong; it is rebuilt`, {
      path: file,
      offset: 0,
    });
  } finally {
    reader.close();
  }
}
