/** Rows an encoder looks at before it decides: runs of neighbours spread over the block, or all rows of a small one. */

const RUNS = 8;
const RUN_ROWS = 64;

let cachedRows = -1;
let cached = new Int32Array(0);

/** Row numbers, ascending; never row 0 of a larger block alone, predictors need a row before. */
export function sampleRows(rows: number): Int32Array {
  if (rows === cachedRows) return cached;
  cachedRows = rows;
  if (rows <= RUNS * RUN_ROWS) cached = Int32Array.from({ length: rows }, (_, i) => i);
  else {
    const gap = (rows - RUN_ROWS) / (RUNS - 1);
    cached = Int32Array.from(
      { length: RUNS * RUN_ROWS },
      (_, k) => Math.floor(Math.floor(k / RUN_ROWS) * gap) + (k % RUN_ROWS),
    );
  }
  return cached;
}
