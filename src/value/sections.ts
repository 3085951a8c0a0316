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
    // Made by the first column only: most objects of a tree have none.
    let byLength: Map<number, number> | undefined;
    return {
      add: (name, column) => {
        byLength ??= new Map();
        this.byteLength += column.byteLength;
        let section = byLength.get(column.length);
        if (section === undefined || Object.keys(this.#sections[section]).length >= MAX_COLUMNS) {
          section = this.#sections.push({}) - 1;
          byLength.set(column.length, section);
        }
        const columns = this.#sections[section];
        const free = freeName(columns, name);
        columns[free] = column;
        return [section, free];
      },
    };
  }
}

/** The user's name where a table can have it: codecs recognise open, high, low and close. */
function freeName(columns: Columns, name: string): string {
  const isUsable = name !== '__proto__' && USABLE_NAME.test(name);
  let free = isUsable ? name : 'column';
  for (let n = 2; Object.hasOwn(columns, free); n++) free = `${isUsable ? name : 'column'}~${n}`;
  return free;
}
