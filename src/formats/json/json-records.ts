/**
 * A stream of JSON -> records, in bounded memory: the elements of one array, or one value a line. Only the cuts are
 * found here, byte by byte.
 */
import { fileDamage } from '../damage.js';
import type { SourceFile } from '../format.js';
import { parseJson } from './json-text.js';

/** Records parsed at a time; a record may be longer, up to the limit. */
const CHUNK_BYTES = 1 << 18;
const MAX_RECORD_BYTES = 64 << 20;

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const OPEN = [91, 123];
const CLOSE = [93, 125];

/** Some records and the number of the first: its line for values a line, its index from 1 in an array. */
export interface RecordChunk {
  readonly records: readonly unknown[];
  readonly first: number;
}

/** The elements of the array that the file is. CORRUPT with the number of the element for what is no JSON. */
export async function* arrayRecords(file: SourceFile): AsyncGenerator<RecordChunk> {
  const cutter = new ArrayCutter(file.path);
  let first = 1;
  for await (const bytes of file.bytes()) {
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      const text = cutter.add(bytes.subarray(at, at + CHUNK_BYTES));
      if (text === undefined) continue;
      const records = cutter.parse(text, first);
      yield { records, first };
      first += records.length;
    }
  }
  const text = cutter.end(first);
  if (text.trim() !== '') yield { records: cutter.parse(text, first), first };
}

/** Cuts between elements: after the last comma that stands at depth 1. */
class ArrayCutter {
  readonly #decoder = new TextDecoder('utf-8', { fatal: true });
  #rest: Uint8Array = new Uint8Array(0);
  #depth = 0;
  #isString = false;
  #isEscaped = false;
  #isClosed = false;
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** The elements that are whole now, as text with commas between them; undefined while there is none. */
  add(chunk: Uint8Array): string | undefined {
    const cut = this.#scan(chunk);
    if (cut < 0) {
      this.#rest = join(this.#rest, chunk);
      if (this.#rest.length > MAX_RECORD_BYTES) {
        throw fileDamage(
          { path: this.#path },
          `a record is longer than ${MAX_RECORD_BYTES} bytes; write one record a line (NDJSON)`,
        );
      }
      return undefined;
    }
    const text = this.#decode(join(this.#rest, chunk.subarray(0, cut)));
    this.#rest = chunk.slice(cut + 1);
    return text;
  }

  end(first: number): string {
    if (!this.#isClosed) {
      throw fileDamage(
        { path: this.#path, line: first, unit: 'row' },
        'the file ends inside its array: it was cut short; download or write it again',
      );
    }
    const text = this.#decode(this.#rest).trimEnd();
    return text.slice(0, text.lastIndexOf(']'));
  }

  parse(text: string, first: number): unknown[] {
    // The first chunk begins with the bracket of the array.
    const body = first === 1 ? text.replace(/^[\ufeff\s]*\[/, '') : text;
    if (body.trim() === '') return [];
    try {
      return parseJson(`[${body}]`) as unknown[];
    } catch (cause) {
      throw fileDamage(
        { path: this.#path, line: first, unit: 'row' },
        `this record or one soon after it is not JSON: ${(cause as Error).message}`,
        cause,
      );
    }
  }

  /** Where the last comma at depth 1 is; -1 for none. */
  #scan(chunk: Uint8Array): number {
    let cut = -1;
    let depth = this.#depth;
    let isString = this.#isString;
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at];
      if (isString) {
        if (this.#isEscaped) this.#isEscaped = false;
        else if (byte === BACKSLASH) this.#isEscaped = true;
        else if (byte === QUOTE) isString = false;
      } else if (byte === QUOTE) isString = true;
      else if (byte === COMMA) {
        if (depth === 1) cut = at;
      } else if (byte === OPEN[0] || byte === OPEN[1]) depth += 1;
      else if (byte === CLOSE[0] || byte === CLOSE[1]) {
        depth -= 1;
        if (depth === 0) this.#isClosed = true;
      } else if (byte > 32 && this.#isClosed && byte !== 0xef) {
        throw fileDamage({ path: this.#path }, 'there is something behind the end of the array');
      }
    }
    this.#depth = depth;
    this.#isString = isString;
    return cut;
  }

  #decode(bytes: Uint8Array): string {
    try {
      return this.#decoder.decode(bytes);
    } catch (cause) {
      throw fileDamage({ path: this.#path }, 'the file is not UTF-8 text; say its encoding (--encoding)', cause);
    }
  }
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b.slice();
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}

/** One value a line (NDJSON, JSON Lines). */
export async function* lineRecords(file: SourceFile): AsyncGenerator<RecordChunk> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest: Uint8Array = new Uint8Array(0);
  let line = 1;
  const read = (bytes: Uint8Array): RecordChunk => {
    const text = decode(decoder, bytes, file.path);
    const first = line;
    line += count(text);
    return { records: parseLines(text, first, file.path), first };
  };
  for await (const bytes of file.bytes()) {
    for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
      const chunk = bytes.subarray(at, at + CHUNK_BYTES);
      const end = chunk.lastIndexOf(10);
      if (end < 0) {
        rest = join(rest, chunk);
        if (rest.length > MAX_RECORD_BYTES)
          throw fileDamage({ path: file.path, line }, `the line is longer than ${MAX_RECORD_BYTES} bytes`);
        continue;
      }
      const whole = join(rest, chunk.subarray(0, end));
      rest = chunk.slice(end + 1);
      yield read(whole);
      line += 1;
    }
  }
  if (rest.length > 0) yield read(rest);
}

function decode(decoder: InstanceType<typeof TextDecoder>, bytes: Uint8Array, path: string): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw fileDamage({ path }, 'the file is not UTF-8 text; say its encoding (--encoding)', cause);
  }
}

function count(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines += 1;
  return lines;
}

/** All lines at once; only when that fails one by one, to name the line that is wrong. Empty lines are null. */
function parseLines(text: string, first: number, path: string): unknown[] {
  const body = text.replace(/\r/g, '');
  try {
    return parseJson(`[${body.replace(/\n/g, ',')}]`) as unknown[];
  } catch {
    return body.split('\n').map((one, k) => {
      if (one.trim() === '') return null;
      try {
        return parseJson(one);
      } catch (cause) {
        throw fileDamage({ path, line: first + k }, `the line is not JSON: ${(cause as Error).message}`, cause);
      }
    });
  }
}
