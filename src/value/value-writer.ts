/** A value as JSON text (nodes.ts) and sections of columns. */
import { types } from 'node:util';
import { binaryKind, bytesOfBinary, columnOfBinary } from './binary.js';
import { columnText } from './column-text.js';
import { COST, memoryOfArray, memoryOfRows, memoryOfSparse, memoryOfTuples } from './memory-cost.js';
import { NodeText } from './node-text.js';
import { MAX_BIGINT_DIGITS, numberText, TAG, TUPLES_TAG } from './nodes.js';
import {
  isExactBuiltin,
  isPlainDate,
  isPlainObject,
  type PackedValues,
  packRows,
  packValues,
} from './packed-values.js';
import { ColumnSections, type SectionGroup } from './sections.js';
import { SharedText } from './shared-text.js';
import { packTuples, tupleName } from './tuples.js';
import { ValuePath } from './value-path.js';
import type { ValueTree } from './value-tree.js';

/** Binaries and arrays shorter than this stay in the text: a section of their own would cost more than it saves. */
const MIN_BINARY_BYTES = 96;
const MIN_PACKED_LENGTH = 32;
/** Nesting that a reader's call stack surely bears. */
const MAX_DEPTH = 500;

/**
 * Builds the tree. Throws UNSUPPORTED with the path of what cannot be stored exactly: class instances, functions,
 * cycles.
 */
export function treeOf(value: unknown): ValueTree {
  return new TreeWriter().write(value);
}

class TreeWriter {
  readonly #text = new NodeText();
  readonly #sections = new ColumnSections();
  readonly #shared = new SharedText();
  #resultBytes = 0;
  #hasTuples = false;
  readonly #path = new ValuePath();

  write(value: unknown): ValueTree {
    this.#text.raw('[');
    this.#put(0, value);
    const start = this.#shared.close(this.#text, (id) => this.#text.node('r', id));
    const text = this.#text.finish().subarray(start);
    return {
      text,
      sections: this.#sections.list(),
      plainBytes: text.length + this.#sections.byteLength,
      memoryBytes: this.#sections.byteLength + this.#resultBytes,
      hasTuples: this.#hasTuples,
      isJson: !this.#text.hasNodes,
    };
  }

  /**
   * Writes the value of `key`, the name of its columns. Arrays of numbers under one object share a section, that of
   * `group`: they are often related.
   */
  #put(key: string | number, value: unknown, group?: SectionGroup): void {
    switch (typeof value) {
      case 'string':
        this.#text.string(value);
        return;
      case 'boolean':
        this.#text.raw(value ? 'true' : 'false');
        return;
      case 'number':
        if (Number.isFinite(value) && !Object.is(value, -0)) this.#text.number(value);
        else this.#text.node('n', numberText(value));
        return;
      case 'undefined':
        this.#text.node('u');
        return;
      case 'bigint':
        this.#text.node('b', this.#digits(value));
        return;
      case 'object':
        if (value === null) this.#text.raw('null');
        else this.#putObject(key, value, group);
        return;
      default:
        throw this.#path.refuse(`a ${typeof value}`);
    }
  }

  #digits(value: bigint): string {
    // Four bits a digit at most: this takes no time, the text of a huge one would.
    const isShort = BigInt.asIntN(MAX_BIGINT_DIGITS * 3, value) === value;
    if (!isShort) throw this.#path.refuse('a BigInt of about a million digits');
    return String(value);
  }

  #putObject(key: string | number, value: object, group: SectionGroup | undefined): void {
    const index = this.#shared.count;
    const met = this.#shared.meet(value, this.#text.length);
    if (met >= 0) {
      if (this.#shared.isOpen(met)) throw this.#path.refuse('a reference to something it is part of (a cycle)');
      this.#text.node('r', this.#shared.share(met));
      return;
    }
    if (this.#path.depth > MAX_DEPTH) throw this.#path.refuse(`nested deeper than ${MAX_DEPTH} levels`);
    this.#putFresh(key, value, group);
    this.#shared.end(index, this.#text.length);
  }

  #putFresh(key: string | number, value: object, group: SectionGroup | undefined): void {
    // The most frequent first.
    if (Array.isArray(value)) this.#putArray(key, value, group);
    else if (isPlainObject(value)) this.#putPlain(value, false);
    else if (!this.#putBinary(key, value, group)) {
      if (Object.getPrototypeOf(value) === null) this.#putPlain(value as Record<string, unknown>, true);
      else this.#putKnownClass(value);
    }
  }

  /** False, and nothing written, for what is no binary. */
  #putBinary(key: string | number, value: object, group = this.#sections.group()): boolean {
    const kind = binaryKind(value);
    if (kind === undefined) return false;
    const bytes = bytesOfBinary(value, kind);
    if (bytes === undefined) throw this.#path.refuse('backed by shared memory');
    this.#resultBytes += COST.binary;
    if (bytes.byteLength < MIN_BINARY_BYTES) {
      this.#text.node('y', kind, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'));
    } else {
      const [section, name] = group.add(String(key), columnOfBinary(value, kind));
      this.#text.node('c', section, name, kind);
    }
    return true;
  }

  #putArray(key: string | number, value: unknown[], group: SectionGroup | undefined): void {
    if (!isExactBuiltin(value)) throw this.#path.refuse('an instance of a class that extends Array');
    const { length } = value;
    // The indices in order, then `length`, then whatever else there is.
    const names = Reflect.ownKeys(value);
    if (names.length !== length + 1 || names[length] !== 'length' || Object.keys(value).length !== length) {
      this.#putSparse(value, names.length);
    } else if (length < MIN_PACKED_LENGTH || !this.#putColumns(key, value, group)) {
      this.#putList(value);
    }
  }

  #putSparse(value: readonly unknown[], names: number): void {
    const keys = Object.keys(value);
    if (keys.length > 0 && !isIndex(keys[keys.length - 1]))
      throw this.#path.refuse('an array with properties of its own');
    if (names !== keys.length + 1) throw this.#path.refuse('an array with hidden properties');
    this.#resultBytes += memoryOfSparse(value.length, keys.length);
    this.#text.begin('h');
    this.#text.part(value.length);
    keys.forEach((index, i) => {
      this.#text.part(index);
      this.#child(2 * i + 3, value[Number(index)]);
    });
    this.#text.end();
  }

  /** As rows, as tuples or as one column; false, and nothing written, where it is none of these. */
  #putColumns(key: string | number, value: readonly unknown[], group = this.#sections.group()): boolean {
    const { length } = value;
    const rows = packRows(value);
    if (rows) {
      const kinds = rows.fields.map(({ values }) => values.kind);
      this.#resultBytes += memoryOfRows(length, kinds);
      this.#text.begin('t');
      this.#text.part(length);
      const inner = this.#sections.group();
      for (const { name, values } of rows.fields) {
        this.#text.part(name);
        this.#putPacked(name, values, length, inner);
      }
      this.#text.end();
      return true;
    }
    const columns = packTuples(value, MIN_PACKED_LENGTH);
    if (columns) {
      this.#hasTuples = true;
      const kinds = columns.map(({ kind }) => kind);
      this.#resultBytes += memoryOfTuples(length, kinds);
      this.#text.begin(TUPLES_TAG);
      this.#text.part(length);
      const inner = this.#sections.group();
      columns.forEach((column, i) => {
        this.#putPacked(tupleName(columns.length, i), column, length, inner);
      });
      this.#text.end();
      return true;
    }
    const packed = packValues(value);
    if (packed.kind === 'other') return false;
    this.#resultBytes += memoryOfArray(length, packed.kind);
    this.#text.begin('p');
    this.#text.comma();
    columnText(this.#text, group, String(key), packed, length);
    this.#text.end();
    return true;
  }

  /** A part of a node: `[kind, length, section, names, words]`, or `["other", values]`. */
  #putPacked(name: string, packed: PackedValues, length: number, group: SectionGroup): void {
    this.#text.comma();
    if (packed.kind === 'other') {
      this.#text.raw('["other",');
      this.#putList(packed.values, name);
    } else {
      this.#text.raw('[');
      columnText(this.#text, group, name, packed, length);
    }
    this.#text.raw(']');
  }

  /** The elements of an array, or of one field of its rows. */
  #putList(values: readonly unknown[], field?: string): void {
    this.#text.raw('[');
    for (let i = 0; i < values.length; i++) {
      if (i > 0) this.#text.comma();
      this.#descend(i, i, values[i], undefined, field);
    }
    this.#text.raw(']');
  }

  #putPlain(value: Record<string, unknown>, isBare: boolean): void {
    const names = Object.keys(value);
    // Cheaper than Reflect.ownKeys: all names of an ordinary object are at hand, and hardly any has symbols.
    if (Object.getOwnPropertyNames(value).length !== names.length || Object.getOwnPropertySymbols(value).length > 0) {
      throw this.#path.refuse('an object with symbols or hidden properties');
    }
    const group = this.#sections.group();
    if (isBare || names.includes(TAG) || names.includes('__proto__')) {
      if (isBare) this.#resultBytes += COST.collection;
      this.#text.begin('o');
      this.#text.part(isBare ? 1 : 0);
      names.forEach((name, i) => {
        this.#text.part(name);
        this.#text.comma();
        this.#descend(2 * i + 3, name, value[name], group);
      });
      this.#text.end();
      return;
    }
    this.#text.raw('{');
    for (let i = 0; i < names.length; i++) {
      if (i > 0) this.#text.comma();
      this.#text.key(names[i]);
      this.#descend(names[i], names[i], value[names[i]], group);
    }
    this.#text.raw('}');
  }

  #putKnownClass(value: object): void {
    // A RegExp always has lastIndex.
    const isExact = isExactBuiltin(value) && Reflect.ownKeys(value).length === (types.isRegExp(value) ? 1 : 0);
    if (isPlainDate(value)) {
      const time = value.getTime();
      this.#text.node('d', Number.isNaN(time) ? null : time);
    } else if (isExact && types.isMap(value)) {
      this.#resultBytes += COST.collection + COST.mapEntry * value.size;
      this.#text.begin('m');
      let at = 1;
      for (const [k, v] of value) {
        this.#child(at++, k);
        this.#child(at++, v);
      }
      this.#text.end();
    } else if (isExact && types.isSet(value)) {
      this.#resultBytes += COST.collection + COST.setEntry * value.size;
      this.#text.begin('s');
      let at = 1;
      for (const v of value) this.#child(at++, v);
      this.#text.end();
    } else if (isExact && types.isRegExp(value) && value.lastIndex === 0) {
      this.#text.node('x', value.source, value.flags);
    } else {
      const className = (value as { constructor?: { name?: string } }).constructor?.name;
      throw this.#path.refuse(`an instance of ${className || 'a class'}`);
    }
  }

  /** A part of a node, the one at `at`. */
  #child(at: number, value: unknown): void {
    this.#text.comma();
    this.#descend(at, at, value);
  }

  #descend(key: string | number, step: string | number, value: unknown, group?: SectionGroup, field?: string): void {
    this.#path.enter(step, field);
    this.#put(key, value, group);
    this.#path.leave();
  }
}

function isIndex(key: string): boolean {
  return String(Number(key) >>> 0) === key && key !== '4294967295';
}
