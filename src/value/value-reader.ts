/**
 * From the text and sections of value-writer.ts back to the value. A node that no writer makes is CORRUPT, never a
 * wrong value.
 */

import { bytesOf, type Columns, type TypedArray } from '../dtype.js';
import { AtcError } from '../errors.js';
import { binaryOf, pooledBinaryOf } from './binary.js';
import { COST, isDictionary, memoryOfArray, memoryOfRows, memoryOfSparse, memoryOfTuples } from './memory-cost.js';
import {
  bigint,
  binaryKindOf,
  damaged,
  date,
  type Node,
  type Nodes,
  regExp,
  TAG,
  TUPLES_TAG,
  text,
  unusualNumber,
  whole,
} from './nodes.js';
import { checkColumns } from './packed-check.js';
import { type PackedValues, unpackRows, valueReader } from './packed-values.js';
import { isTupleColumn, unpackTuples } from './tuples.js';

const MAX_LENGTH = 2 ** 32 - 1;

interface TreeOptions {
  /** The arrays of sections belong to a pool. */
  readonly isPooled: boolean;
  /** The version of the value has tuples. */
  readonly hasTuples: boolean;
}

/**
 * `section(i)` decodes a section; called once for each that is used. `spend` is called with the bytes that are about to
 * be allocated beyond text and sections, and may throw.
 */
export function valueOfTree(
  json: string,
  section: (index: number) => Columns,
  spend: (memoryBytes: number) => void,
  options: TreeOptions,
): unknown {
  let nodes: unknown;
  try {
    nodes = JSON.parse(json);
  } catch (cause) {
    throw new AtcError('CORRUPT', 'the structure of a value is not JSON; rebuild the entry', { cause });
  }
  if (!Array.isArray(nodes) || nodes.length === 0) throw damaged('no value');
  return new TreeReader(nodes, section, spend, options).read(nodes[0]);
}

class TreeReader {
  readonly #sharedValues = new Map<number, unknown>();
  readonly #reading = new Set<number>();
  readonly #sections = new Map<number, Columns>();

  readonly #nodes: Nodes;
  readonly #section: (index: number) => Columns;
  readonly #spend: (memoryBytes: number) => void;
  readonly #options: TreeOptions;

  constructor(
    nodes: Nodes,
    section: (index: number) => Columns,
    spend: (memoryBytes: number) => void,
    options: TreeOptions,
  ) {
    this.#nodes = nodes;
    this.#section = section;
    this.#spend = spend;
    this.#options = options;
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
      if (!Array.isArray(parts) || Object.keys(object).length !== 1) throw damaged('a tag without parts');
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
        return unusualNumber(text(a));
      case 'b':
        return bigint(text(a));
      case 'd':
        return date(a);
      case 'x':
        return regExp(text(a), text(b));
      case 'm':
        return this.#readMap(pairs(parts, 1));
      case 's':
        return this.#readSet(parts.slice(1));
      case 'h':
        return this.#readSparse(parts);
      case 'o':
        return this.#readObject(parts);
      case 'r':
        return this.#readShared(whole(a));
      case 'y':
        this.#spend(COST.binary);
        return binaryOf(binaryKindOf(a), Buffer.from(text(b), 'base64'));
      case 'c':
        this.#spend(COST.binary);
        return (this.#options.isPooled ? pooledBinaryOf : binaryOf)(
          binaryKindOf(c),
          bytesOf(this.#column(whole(a), text(b))),
        );
      case 'p':
        return this.#readPackedArray(parts.slice(1));
      case 't':
        return this.#readRows(parts);
      case TUPLES_TAG:
        return this.#readTuples(parts);
      default:
        throw damaged(`tag ${JSON.stringify(tag)}`);
    }
  }

  #readMap(entries: [Node, Node][]): Map<unknown, unknown> {
    this.#spend(COST.collection + COST.mapEntry * entries.length);
    const map = new Map(entries.map(([key, value]) => [this.read(key), this.read(value)]));
    if (map.size !== entries.length) throw damaged('a Map with a key twice');
    return map;
  }

  #readSet(values: Nodes): Set<unknown> {
    this.#spend(COST.collection + COST.setEntry * values.length);
    const set = new Set(values.map((value) => this.read(value)));
    if (set.size !== values.length) throw damaged('a Set with a value twice');
    return set;
  }

  #readSparse(parts: Nodes): unknown[] {
    const length = whole(parts[1]);
    if (length < 0 || length > MAX_LENGTH) throw damaged(`an array of length ${length}`);
    const elements = pairs(parts, 2);
    this.#spend(memoryOfSparse(length, elements.length));
    const array: unknown[] = isDictionary(length, elements.length) ? dictionaryArray(length) : [];
    array.length = length;
    let before = -1;
    for (const [node, value] of elements) {
      const index = Number(node);
      if (String(index) !== String(node) || !Number.isInteger(index) || index <= before || index >= length) {
        throw damaged(`index ${JSON.stringify(node)} in an array of length ${length}`);
      }
      array[index] = this.read(value);
      before = index;
    }
    return array;
  }

  #readObject(parts: Nodes): object {
    const isBare = parts[1] === 1;
    if (isBare) this.#spend(COST.collection);
    const object: object = isBare ? Object.create(null) : {};
    for (const [key, value] of pairs(parts, 2)) {
      const descriptor = { value: this.read(value), writable: true, enumerable: true, configurable: true };
      if (Object.hasOwn(object, text(key))) throw damaged('an object with a key twice');
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
    this.#spend(memoryOfArray(length, packed.kind));
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
    if (new Set(fields.map(({ name }) => name)).size !== fields.length) throw damaged('a field twice');
    this.#spend(
      memoryOfRows(
        rows,
        fields.map(({ values }) => values.kind),
      ),
    );
    return unpackRows({ rows, fields });
  }

  #readTuples(parts: Nodes): unknown[] {
    if (!this.#options.hasTuples) throw damaged('tuples in a value of version 1');
    const rows = whole(parts[1]);
    const columns = parts.slice(2).map((node) => {
      const values = this.#packed(node);
      if (!isTupleColumn(values)) throw damaged(`${values.kind} values in tuples`);
      if (values.columns[0].length !== rows) throw damaged(`${values.columns[0].length} values in ${rows} tuples`);
      return values;
    });
    // A column is what bounds the number of rows.
    if (columns.length === 0) throw damaged('tuples without columns');
    this.#spend(
      memoryOfTuples(
        rows,
        columns.map(({ kind }) => kind),
      ),
    );
    return unpackTuples(rows, columns);
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
    return checkColumns(kind, columns, words, damaged);
  }

  #column(index: number, name: string): TypedArray {
    let columns = this.#sections.get(index);
    if (columns === undefined) this.#sections.set(index, (columns = this.#section(index)));
    if (!Object.hasOwn(columns, name)) throw damaged(`column "${name}" is not in section ${index}`);
    return columns[name];
  }
}

/** An array of nothing but holes, as V8 represents one with a gap: no memory for the holes, whatever its length. */
function dictionaryArray(length: number): unknown[] {
  const array: unknown[] = [];
  array[length - 1] = undefined;
  delete array[length - 1];
  return array;
}

/** parts[from], parts[from + 1]; and so on, two by two. */
function pairs(parts: Nodes, from: number): [Node, Node][] {
  if ((parts.length - from) % 2 !== 0) throw damaged('a key without its value');
  return Array.from({ length: (parts.length - from) / 2 }, (_, i) => [parts[from + 2 * i], parts[from + 2 * i + 1]]);
}
