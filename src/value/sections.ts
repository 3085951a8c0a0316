/**
 * Columns gathered from a tree. Columns of one length that were found together share a section, which is coded as one
 * table.
 */
import type { Columns, TypedArray } from '../dtype.js';

const USABLE_NAME = /^[ -~]{1,200}$/;
const MAX_COLUMNS = 1000;

/** Takes columns that stand beside each other in the tree. Returns section and column name. */
export interface SectionGroup {
  add(name: string, column: TypedArray): [section: number, name: string];
}

export class ColumnSections {
  readonly #sections: Columns[] = [];
  byteLength = 0;

  list(): readonly Columns[] {
    return this.#sections;
  }

  group(): SectionGroup {
    return new Group(this);
  }

  /** A new section; its index. */
  open(): number {
    return this.#sections.push({}) - 1;
  }

  /** Whether a section has no room for a column. */
  isFull(section: number): boolean {
    return Object.keys(this.#sections[section]).length >= MAX_COLUMNS;
  }

  /** Adds a column to a section of its length; returns its name there. */
  put(section: number, name: string, column: TypedArray): string {
    this.byteLength += column.byteLength;
    const columns = this.#sections[section];
    const free = freeName(columns, name);
    columns[free] = column;
    return free;
  }
}

/** One for every object of a tree, and most of them have no columns: it holds nothing before the first. */
class Group implements SectionGroup {
  readonly #sections: ColumnSections;
  #byLength: Map<number, number> | undefined;

  constructor(sections: ColumnSections) {
    this.#sections = sections;
  }

  add(name: string, column: TypedArray): [section: number, name: string] {
    this.#byLength ??= new Map();
    let section = this.#byLength.get(column.length);
    if (section === undefined || this.#sections.isFull(section)) {
      section = this.#sections.open();
      this.#byLength.set(column.length, section);
    }
    return [section, this.#sections.put(section, name, column)];
  }
}

/** The user's name where a table can have it: codecs recognise open, high, low and close. */
function freeName(columns: Columns, name: string): string {
  const isUsable = name !== '__proto__' && USABLE_NAME.test(name);
  let free = isUsable ? name : 'column';
  for (let n = 2; Object.hasOwn(columns, free); n++) free = `${isUsable ? name : 'column'}~${n}`;
  return free;
}
