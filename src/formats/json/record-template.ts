/**
 * The shape of a record of JSON, as its bytes are written: what stands between its values, byte by byte, and the path
 * of each value. Programs write all records of a file alike, so that one of them is the template of the others.
 */

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BACKSLASH = 92;
const OPEN_ARRAY = 91;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

export interface RecordTemplate {
  /** Bytes before each value and, at last, behind all of them. */
  readonly between: readonly Uint8Array[];
  /** Names from the outside in; of a tuple the index. One for each value. */
  readonly paths: readonly (readonly string[])[];
  readonly isTuple: boolean;
}

/** Of the record at `from`; undefined for what is no record, or is written in a way that is left to JSON.parse. */
export function templateOf(bytes: Uint8Array, from: number): RecordTemplate | undefined {
  return new TemplateBuilder(bytes, from).build();
}

/** Where the value at `at` ends, whatever it is; -1 where the bytes end first or it is none. */
export function skipValue(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  if (first === QUOTE) return skipString(bytes, at);
  if (first !== OPEN_ARRAY && first !== OPEN_OBJECT) return skipLiteral(bytes, at);
  let depth = 0;
  for (let next = at; next < bytes.length; ) {
    const byte = bytes[next];
    if (byte === QUOTE) {
      next = skipString(bytes, next);
      if (next < 0) return -1;
      continue;
    }
    next += 1;
    if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) depth += 1;
    else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
      depth -= 1;
      if (depth === 0) return next;
    } else if (byte === 0) return -1;
  }
  return -1;
}

function skipString(bytes: Uint8Array, at: number): number {
  for (let next = at + 1; bytes[next] >= 32; next += 1) {
    if (bytes[next] === QUOTE) return next + 1;
    if (bytes[next] === BACKSLASH) next += 1;
  }
  return -1;
}

/** Numbers, `true`, `false`, `null`, `NaN`. */
function skipLiteral(bytes: Uint8Array, at: number): number {
  let next = at;
  for (let byte = bytes[next]; byte > 32 && byte !== COMMA && byte !== CLOSE_ARRAY && byte !== CLOSE_OBJECT; ) {
    byte = bytes[++next];
  }
  return next > at ? next : -1;
}

class TemplateBuilder {
  readonly #bytes: Uint8Array;
  #at: number;
  /** Where the bytes since the last value begin. */
  #from: number;
  readonly #between: Uint8Array[] = [];
  readonly #paths: (readonly string[])[] = [];

  constructor(bytes: Uint8Array, from: number) {
    this.#bytes = bytes;
    this.#at = from;
    this.#from = from;
  }

  build(): RecordTemplate | undefined {
    const isTuple = this.#bytes[this.#at] === OPEN_ARRAY;
    if (!isTuple && this.#bytes[this.#at] !== OPEN_OBJECT) return undefined;
    if (!(isTuple ? this.#tuple() : this.#object([])) || this.#paths.length === 0) return undefined;
    this.#between.push(this.#bytes.slice(this.#from, this.#at));
    return { between: this.#between, paths: this.#paths, isTuple };
  }

  #tuple(): boolean {
    this.#at += 1;
    for (let index = 0; ; index += 1) {
      this.#skipSpace();
      if (!this.#value([String(index)])) return false;
      this.#skipSpace();
      const byte = this.#bytes[this.#at];
      this.#at += 1;
      if (byte === CLOSE_ARRAY) return true;
      if (byte !== COMMA) return false;
    }
  }

  #object(path: readonly string[]): boolean {
    this.#at += 1;
    for (;;) {
      this.#skipSpace();
      const keyAt = this.#at;
      if (this.#bytes[keyAt] !== QUOTE) return false;
      this.#at = skipString(this.#bytes, keyAt);
      if (this.#at < 0) return false;
      const key = JSON.parse(new TextDecoder().decode(this.#bytes.subarray(keyAt, this.#at))) as string;
      this.#skipSpace();
      if (this.#bytes[this.#at] !== COLON) return false;
      this.#at += 1;
      this.#skipSpace();
      const inner = [...path, key];
      if (!(this.#bytes[this.#at] === OPEN_OBJECT ? this.#object(inner) : this.#value(inner))) return false;
      this.#skipSpace();
      const byte = this.#bytes[this.#at];
      this.#at += 1;
      if (byte === CLOSE_OBJECT) return true;
      if (byte !== COMMA) return false;
    }
  }

  #value(path: readonly string[]): boolean {
    const end = skipValue(this.#bytes, this.#at);
    if (end < 0) return false;
    this.#between.push(this.#bytes.slice(this.#from, this.#at));
    this.#paths.push(path);
    this.#at = end;
    this.#from = end;
    return true;
  }

  #skipSpace(): void {
    while (this.#bytes[this.#at] <= 32) this.#at += 1;
  }
}
