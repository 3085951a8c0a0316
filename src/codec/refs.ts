/** Refs between the columns of a block: which other chunks a chunk needs to be decoded. */

/**
 * What is wrong with the refs of the `columns` chunks from `first` on, undefined if nothing: a decoder that follows
 * them must come to an end.
 */
export function checkRefs(refs: ReadonlyArray<readonly number[]>, first: number, columns: number): string | undefined {
  // 0 not seen, 1 on the path from the column we started at, 2 done.
  const state = new Uint8Array(columns);
  const visit = (column: number): string | undefined => {
    state[column] = 1;
    for (const ref of refs[first + column]) {
      if (state[ref] === 1) return `column ${column} needs column ${ref}, which needs it`;
      const found = state[ref] === 0 ? visit(ref) : undefined;
      if (found !== undefined) return found;
    }
    state[column] = 2;
    return undefined;
  };
  for (let column = 0; column < columns; column++) {
    if (refs[first + column].length === 0 || state[column] !== 0) continue;
    const found = visit(column);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A column and everything it needs, directly or through others. */
export function withRefs(refs: ReadonlyArray<readonly number[]>, first: number, column: number): readonly number[] {
  if (refs[first + column].length === 0) return [column];
  const needed = new Set([column]);
  for (const member of needed) for (const ref of refs[first + member]) needed.add(ref);
  return [...needed];
}
