/** Rows an encoder looks at before it decides: runs of neighbours spread over the block, or all rows of a small one. */

const RUNS = 8;
const RUN_ROWS = 64;
/** Most rows of a sample. */
export const SAMPLE_ROWS = RUNS * RUN_ROWS;

let cachedRows = -1;
let cached = new Int32Array(0);

/** Row numbers, ascending; never row 0 of a larger block alone, predictors need a row before. */
export function sampleRows(rows: number): Int32Array {
  if (rows === cachedRows) return cached;
  cachedRows = rows;
  if (rows <= SAMPLE_ROWS) cached = Int32Array.from({ length: rows }, (_, i) => i);
  else {
    const gap = (rows - RUN_ROWS) / (RUNS - 1);
    cached = Int32Array.from(
      { length: SAMPLE_ROWS },
      (_, k) => Math.floor(Math.floor(k / RUN_ROWS) * gap) + (k % RUN_ROWS),
    );
  }
  return cached;
}
