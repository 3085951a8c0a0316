/** A value as JSON text (nodes.ts) and sections of columns. */
import { types } from 'node:util';
import type { Columns, TypedArray } from '../dtype.js';
import { AtcError } from '../errors.js';
import { binaryKind, bytesOfBinary, columnOfBinary } from './binary.js';
import { COST, memoryOfArray, memoryOfRows, memoryOfSparse, memoryOfTuples } from './memory-cost.js';
import { MAX_BIGINT_DIGITS, type Node, numberText, TAG, TUPLES_TAG, tagged } from './nodes.js';
import {
  isExactBuiltin,
  isPlainDate,
  isPlainObject,
  type PackedValues,
  packRows,
  packValues,
} from './packed-values.js';
import { ColumnSections, type SectionGroup } from './sections.js';
import { packTuples, tupleName } from './tuples.js';

export interface ValueTree {
  readonly json: string;
  readonly sections: readonly Columns[];
  /** About what the value takes plainly: its text, and eight bytes or so per number. */
  readonly plainBytes: number;
  /**
   * What its columns, rows and arrays take in memory once decoded, the text left out; value-reader.ts counts the same.
   */
  readonly memoryBytes: number;
  /** Readers of version 1 know no tuples. */
  readonly hasTuples: boolean;
}

/** Binaries and arrays shorter than this stay in the text: a section of their own would cost more than it saves. */
const MIN_BINARY_BYTES = 96;
const MIN_PACKED_LENGTH = 32;
/** Nesting that a reader's call stack surely bears. */
const MAX_DEPTH = 500;

type Holder = Record<string | number, Node>;

interface Seen {
  readonly holder: Holder;
  readonly key: string | number;
  /** Index among the shared values, once it was met a second time. */
  id?: number;
}

/**
 * Builds the tree. Throws UNSUPPORTED with the path of what cannot be stored exactly: class instances, functions,
 * cycles.
 */
export function treeOf(value: unknown): ValueTree {
  const writer = new TreeWriter();
  const root: Holder = [] as unknown as Holder;
  writer.put(root, 0, value, writer.sections.group());
  const nodes = root as unknown as Node[];
  const json = JSON.stringify(writer.shared.length === 0 ? nodes : [...nodes, ...writer.shared]);
  const sections = writer.sections.list();
  const plainBytes = json.length + writer.sections.byteLength;
  const memoryBytes = writer.sections.byteLength + writer.resultBytes;
  return { json, sections, plainBytes, memoryBytes, hasTuples: writer.hasTuples };
}

class TreeWriter {
  readonly sections = new ColumnSections();
  readonly shared: Node[] = [];
  resultBytes = 0;
  hasTuples = false;
  readonly #seen = new Map<object, Seen>();
  readonly #open = new Set<object>();
  readonly #path: (string | number)[] = [];

  /** Writes `value` into `holder[key]`. Arrays of numbers under one object share a section: they are often related. */
  put(holder: Holder, key: string | number, value: unknown, group: SectionGroup): void {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        holder[key] = value;
        return;
      case 'number':
        holder[key] = Number.isFinite(value) && !Object.is(value, -0) ? value : tagged('n', numberText(value));
        return;
      case 'undefined':
        holder[key] = tagged('u');
        return;
      case 'bigint':
        holder[key] = tagged('b', this.#digits(value));
        return;
      case 'object':
        if (value === null) holder[key] = null;
        else this.#putObject(holder, key, value, group);
        return;
      default:
        throw this.#refuse(`a ${typeof value}`);
    }
  }

  #digits(value: bigint): string {
    // Four bits a digit at most: this takes no time, the text of a huge one would.
    const isShort = BigInt.asIntN(MAX_BIGINT_DIGITS * 3, value) === value;
    if (!isShort) throw this.#refuse('a BigInt of about a million digits');
    return String(value);
  }

  #putObject(holder: Holder, key: string | number, value: object, group: SectionGroup): void {
    const seen = this.#seen.get(value);
    if (seen) {
      if (this.#open.has(value)) throw this.#refuse('a reference to something it is part of (a cycle)');
      if (seen.id === undefined) {
        seen.id = this.shared.push(seen.holder[seen.key]);
        const reference = tagged('r', seen.id);
        seen.holder[seen.key] = reference;
      }
      holder[key] = tagged('r', seen.id);
      return;
    }
    if (this.#path.length > MAX_DEPTH) throw this.#refuse(`nested deeper than ${MAX_DEPTH} levels`);
    this.#seen.set(value, { holder, key });
    this.#open.add(value);
    this.#putFresh(holder, key, value, group);
    this.#open.delete(value);
  }

  #putFresh(holder: Holder, key: string | number, value: object, group: SectionGroup): void {
    const kind = binaryKind(value);
    if (kind !== undefined) {
      const bytes = bytesOfBinary(value, kind);
      if (bytes === undefined) throw this.#refuse('backed by shared memory');
      this.resultBytes += COST.binary;
      if (bytes.byteLength < MIN_BINARY_BYTES) {
        holder[key] = tagged(
          'y',
          kind,
          Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'),
        );
      } else {
        const [section, name] = group.add(String(key), columnOfBinary(value, kind));
        holder[key] = tagged('c', section, name, kind);
      }
    } else if (Array.isArray(value)) this.#putArray(holder, key, value, group);
    else if (isPlainObject(value)) this.#putPlain(holder, key, value, false);
    else if (Object.getPrototypeOf(value) === null) this.#putPlain(holder, key, value as Record<string, unknown>, true);
    else this.#putKnownClass(holder, key, value);
  }

  #putArray(holder: Holder, key: string | number, value: unknown[], group: SectionGroup): void {
    const keys = Object.keys(value);
    const hasHoles = keys.length !== value.length;
    if (!isExactBuiltin(value)) throw this.#refuse('an instance of a class that extends Array');
    if (keys.length > 0 && !isIndex(keys[keys.length - 1])) throw this.#refuse('an array with properties of its own');
    if (Reflect.ownKeys(value).length !== keys.length + 1) throw this.#refuse('an array with hidden properties');
    if (hasHoles) {
      this.resultBytes += memoryOfSparse(value.length, keys.length);
      const node: Node[] = ['h', value.length];
      for (const index of keys) this.#child(node, [index, value[Number(index)]]);
      holder[key] = { [TAG]: node };
      return;
    }
    if (value.length >= MIN_PACKED_LENGTH) {
      const rows = packRows(value);
      if (rows) {
        this.resultBytes += memoryOfRows(
          rows.rows,
          rows.fields.map(({ values }) => values.kind),
        );
        const inner = this.sections.group();
        const node: Node[] = ['t', rows.rows];
        for (const field of rows.fields) {
          node.push(field.name);
          this.#putPacked(node, field.name, field.values, rows.rows, inner);
        }
        holder[key] = { [TAG]: node };
        return;
      }
      const columns = packTuples(value, MIN_PACKED_LENGTH);
      if (columns) {
        this.hasTuples = true;
        this.resultBytes += memoryOfTuples(
          value.length,
          columns.map(({ kind }) => kind),
        );
        const inner = this.sections.group();
        const node: Node[] = [TUPLES_TAG, value.length];
        columns.forEach((column, i) => {
          this.#putPacked(node, tupleName(columns.length, i), column, value.length, inner);
        });
        holder[key] = { [TAG]: node };
        return;
      }
      const packed = packValues(value.length, (i) => value[i]);
      if (packed.kind !== 'other') {
        this.resultBytes += memoryOfArray(value.length, packed.kind);
        const list: Node[] = [];
        this.#putPacked(list, String(key), packed, value.length, group);
        holder[key] = tagged('p', ...(list[0] as Node[]));
        return;
      }
    }
    const list: Node[] = new Array(value.length);
    holder[key] = list;
    for (let i = 0; i < value.length; i++)
      this.#descend(list as unknown as Holder, i, i, value[i], this.sections.group());
  }

  /** Appends `[kind, length, section, names, words]` to `node`, or `["other", values]`. */
  #putPacked(node: Node[], name: string, packed: PackedValues, length: number, group: SectionGroup): void {
    if (packed.kind === 'other') {
      const list: Node[] = new Array(length);
      node.push(['other', list]);
      packed.values.forEach((value, i) => {
        this.#descend(list as unknown as Holder, i, `${i}.${name}`, value, this.sections.group());
      });
      return;
    }
    const places = packed.columns.map((column) => group.add(name, column as TypedArray));
    const names = places.map(([, column]) => column);
    node.push([packed.kind, length, places[0][0], names, ...(packed.kind === 'text' ? [packed.words] : [])]);
  }

  #putPlain(holder: Holder, key: string | number, value: Record<string, unknown>, isBare: boolean): void {
    const keys = Object.keys(value);
    if (Reflect.ownKeys(value).length !== keys.length)
      throw this.#refuse('an object with symbols or hidden properties');
    const group = this.sections.group();
    if (isBare || keys.some((name) => name === TAG || name === '__proto__')) {
      if (isBare) this.resultBytes += COST.collection;
      const node: Node[] = ['o', isBare ? 1 : 0];
      holder[key] = { [TAG]: node };
      for (const name of keys) {
        node.push(name);
        this.#descend(node as unknown as Holder, node.length, name, value[name], group);
      }
      return;
    }
    const object: Holder = {};
    holder[key] = object;
    for (const name of keys) this.#descend(object, name, name, value[name], group);
  }

  #putKnownClass(holder: Holder, key: string | number, value: object): void {
    // A RegExp always has lastIndex.
    const isExact = isExactBuiltin(value) && Reflect.ownKeys(value).length === (types.isRegExp(value) ? 1 : 0);
    const node: Node[] = [];
    if (isPlainDate(value)) {
      const time = value.getTime();
      node.push('d', Number.isNaN(time) ? null : time);
    } else if (isExact && types.isMap(value)) {
      this.resultBytes += COST.collection + COST.mapEntry * value.size;
      node.push('m');
      for (const [k, v] of value) this.#child(node, [k, v]);
    } else if (isExact && types.isSet(value)) {
      this.resultBytes += COST.collection + COST.setEntry * value.size;
      node.push('s');
      for (const v of value) this.#child(node, [v]);
    } else if (isExact && types.isRegExp(value) && value.lastIndex === 0) {
      node.push('x', value.source, value.flags);
    } else {
      const className = (value as { constructor?: { name?: string } }).constructor?.name;
      throw this.#refuse(`an instance of ${className || 'a class'}`);
    }
    holder[key] = { [TAG]: node };
  }

  #child(node: Node[], values: readonly unknown[]): void {
    for (const value of values) {
      this.#descend(node as unknown as Holder, node.length, node.length, value, this.sections.group());
    }
  }

  #descend(holder: Holder, key: string | number, step: string | number, value: unknown, group: SectionGroup) {
    this.#path.push(step);
    this.put(holder, key, value, group);
    this.#path.pop();
  }

  #refuse(what: string): AtcError {
    const steps = this.#path.slice(0, 12).map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`));
    const at = `value${steps.join('')}${this.#path.length > 12 ? '…' : ''}`;
    return new AtcError('UNSUPPORTED', `${at} is ${what}; it cannot be stored exactly, leave it to the host`, {
      key: at,
    });
  }
}

function isIndex(key: string): boolean {
  return String(Number(key) >>> 0) === key && key !== '4294967295';
}
