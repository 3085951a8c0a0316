/**
 * From the text and sections of tree.ts back to the value. A node that makes no sense is CORRUPT: never a wrong value.
 */

import { bytesOf, type Columns, type TypedArray } from '../dtype.js';
import { AtcError } from '../errors.js';
import { binaryOf, isBinaryKind } from './binary.js';
import { type PackedValues, unpackRows, valueReader } from './packed-values.js';
import { MAX_BIGINT_DIGITS, memoryOfRows, TAG } from './value-writer.js';

type Node = unknown;
type Nodes = Node[];

const MAX_LENGTH = 2 ** 32 - 1;

/**
 * `section(i)` decodes a section; called once for each that is used. `spend` is called with how many bytes are about to
 * be taken by rows and arrays, and may throw.
 */
export function valueOfTree(
  json: string,
  section: (index: number) => Columns,
  spend: (memoryBytes: number) => void,
): unknown {
  let nodes: unknown;
  try {
    nodes = JSON.parse(json);
  } catch (cause) {
    throw new AtcError('CORRUPT', 'the structure of a value is not JSON; rebuild the entry', { cause });
  }
  if (!Array.isArray(nodes) || nodes.length === 0) throw damaged('no value');
  return new TreeReader(nodes, section, spend).read(nodes[0]);
}

function damaged(what: string): AtcError {
  return new AtcError('CORRUPT', `the structure of a value is damaged: ${what}; rebuild the entry`);
}

class TreeReader {
  readonly #sharedValues = new Map<number, unknown>();
  readonly #reading = new Set<number>();
  readonly #sections = new Map<number, Columns>();

  readonly #nodes: Nodes;
  readonly #section: (index: number) => Columns;
  readonly #spend: (memoryBytes: number) => void;

  constructor(nodes: Nodes, section: (index: number) => Columns, spend: (memoryBytes: number) => void) {
    this.#nodes = nodes;
    this.#section = section;
    this.#spend = spend;
  }

  /** Objects and arrays without tags are filled in place: JSON.parse made them for us. */
  read(node: Node): unknown {
    if (typeof node !== 'object' || node === null) return node;
    if (Array.isArray(node)) {
      for (let i = 0; i < node.length; i++) {
        const child = node[i];
        if (typeof child === 'object' && child !== null) node[i] = this.read(child);
      }
      return node;
    }
    const object = node as Record<string, Node>;
    if (Object.hasOwn(object, TAG)) {
      const parts = object[TAG];
      if (!Array.isArray(parts)) throw damaged('a tag without parts');
      return this.#readTagged(parts);
    }
    for (const key of Object.keys(object)) {
      const child = object[key];
      if (typeof child === 'object' && child !== null) object[key] = this.read(child);
    }
    return object;
  }

  #readTagged(parts: Nodes): unknown {
    const [tag, a, b, c] = parts;
    switch (tag) {
      case 'u':
        return undefined;
      case 'n':
        return Number(text(a));
      case 'b':
        return bigint(text(a));
      case 'd':
        return new Date(a === null ? Number.NaN : whole(a));
      case 'x':
        return regExp(text(a), text(b));
      case 'm':
        return new Map(pairs(parts, 1).map(([key, value]) => [this.read(key), this.read(value)]));
      case 's':
        return new Set(parts.slice(1).map((value) => this.read(value)));
      case 'h':
        return this.#readSparse(parts);
      case 'o':
        return this.#readObject(parts);
      case 'r':
        return this.#readShared(whole(a));
      case 'y':
        return binaryOf(binaryKindOf(a), Buffer.from(text(b), 'base64'));
      case 'c':
        return binaryOf(binaryKindOf(c), bytesOf(this.#column(whole(a), text(b))));
      case 'p':
        return this.#readPackedArray(parts.slice(1));
      case 't':
        return this.#readRows(parts);
      default:
        throw damaged(`tag ${JSON.stringify(tag)}`);
    }
  }

  #readSparse(parts: Nodes): unknown[] {
    const length = whole(parts[1]);
    if (length > MAX_LENGTH) throw damaged('an array that is too long');
    const array: unknown[] = [];
    array.length = length;
    for (const [index, value] of pairs(parts, 2)) {
      if (Number(index) >= length) throw damaged('an element beyond the end of its array');
      array[Number(index)] = this.read(value);
    }
    return array;
  }

  #readObject(parts: Nodes): object {
    const object: object = parts[1] === 1 ? Object.create(null) : {};
    for (const [key, value] of pairs(parts, 2)) {
      const descriptor = { value: this.read(value), writable: true, enumerable: true, configurable: true };
      // Defined, not assigned: a key may be __proto__.
      Object.defineProperty(object, text(key), descriptor);
    }
    return object;
  }

  /** Read once, so that what was one object is one object again. */
  #readShared(id: number): unknown {
    if (this.#sharedValues.has(id)) return this.#sharedValues.get(id);
    if (id < 1 || id >= this.#nodes.length || this.#reading.has(id)) throw damaged(`shared value ${id}`);
    this.#reading.add(id);
    const value = this.read(this.#nodes[id]);
    this.#reading.delete(id);
    this.#sharedValues.set(id, value);
    return value;
  }

  #readPackedArray(node: Nodes): unknown[] {
    const packed = this.#packed(node);
    if (packed.kind === 'other') throw damaged('a packed array without columns');
    const read = valueReader(packed);
    const { length } = packed.columns[0];
    this.#spend(memoryOfRows(length));
    return Array.from({ length }, (_, i) => read(i));
  }

  #readRows(parts: Nodes): unknown[] {
    const rows = whole(parts[1]);
    const fields = pairs(parts, 2).map(([name, node]) => {
      const values = this.#packed(node);
      const length = values.kind === 'other' ? values.values.length : values.columns[0].length;
      if (length !== rows) throw damaged(`a field of ${length} values in ${rows} rows`);
      return { name: text(name), values };
    });
    // A field is what bounds the number of rows.
    if (fields.length === 0) throw damaged('rows without fields');
    // Assigning it would change what a row inherits from.
    if (fields.some(({ name }) => name === '__proto__')) throw damaged('a field __proto__');
    this.#spend(memoryOfRows(rows, fields.length));
    return unpackRows({ rows, fields });
  }

  #packed(node: Node): PackedValues {
    if (!Array.isArray(node)) throw damaged('a packed array without parts');
    const [kind, length, section, names, words] = node as Nodes;
    if (kind === 'other') {
      if (!Array.isArray(length)) throw damaged('a list without values');
      return { kind, values: this.read(length) as unknown[] };
    }
    if (!Array.isArray(names)) throw damaged('a packed array without columns');
    const columns = names.map((name) => this.#column(whole(section), text(name)));
    if (columns.some((column) => column.length !== length)) throw damaged('a column of another length');
    if (columns.length !== (kind === 'nullable' ? 2 : 1)) throw damaged(`${columns.length} columns for ${kind}`);
    const one = [columns[0]] as const;
    switch (kind) {
      case 'number':
      case 'date':
      case 'boolean':
      case 'bigint':
        return { kind, columns: one };
      case 'nullable':
        return { kind, columns: [columns[0], columns[1] as Uint8Array] };
      case 'text':
        if (!Array.isArray(words) || words.some((word) => typeof word !== 'string')) {
          throw damaged('a dictionary without words');
        }
        return { kind, columns: one, words: words as string[] };
      default:
        throw damaged(`packed kind ${JSON.stringify(kind)}`);
    }
  }

  #column(index: number, name: string): TypedArray {
    let columns = this.#sections.get(index);
    if (columns === undefined) this.#sections.set(index, (columns = this.#section(index)));
    if (!Object.hasOwn(columns, name)) throw damaged(`column "${name}" is not in section ${index}`);
    return columns[name];
  }
}

function text(node: Node): string {
  if (typeof node !== 'string') throw damaged(`${JSON.stringify(node)} where text should be`);
  return node;
}

function whole(node: Node): number {
  if (typeof node !== 'number') throw damaged(`${JSON.stringify(node)} where a number should be`);
  return node;
}

function binaryKindOf(node: Node): string {
  if (!isBinaryKind(node)) throw damaged(`binary kind ${JSON.stringify(node)}`);
  return node;
}

function bigint(digits: string): bigint {
  if (digits.length > MAX_BIGINT_DIGITS || !/^-?\d+$/.test(digits)) throw damaged('a bigint without digits');
  return BigInt(digits);
}

function regExp(source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (cause) {
    throw new AtcError('CORRUPT', `a regular expression of a value is damaged: /${source}/${flags}`, { cause });
  }
}

/** parts[from], parts[from + 1]; and so on, two by two. */
function pairs(parts: Nodes, from: number): [Node, Node][] {
  if ((parts.length - from) % 2 !== 0) throw damaged('a key without its value');
  return Array.from({ length: (parts.length - from) / 2 }, (_, i) => [parts[from + 2 * i], parts[from + 2 * i + 1]]);
}
