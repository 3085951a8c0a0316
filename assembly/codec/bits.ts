// 64-bit chains of full-mantissa columns, both directions; see src/kernels/reference/residuals.ts and predict.ts.
import { PLANE_A, PLANE_BYTES } from './offsets';

const DELTA: i32 = 1;
const LINEAR: i32 = 2;

// @ts-ignore: decorator
@inline
function putZigzag(i: i32, r: i64): void {
  const z = <u64>((r << 1) ^ (r >> 63));
  const at = PLANE_A + (<usize>i << 2);
  store<u32>(at, <u32>z);
  store<u32>(at + PLANE_BYTES, <u32>(z >> 32));
}

export function residuals(src: usize, n: i32, kind: i32): void {
  let before: i64 = 0;
  let previous: i64 = 0;
  for (let i = 0; i < n; i++) {
    const u = load<i64>(src + (<usize>i << 3));
    let expected: i64 = 0;
    if (kind == DELTA) expected = i > 0 ? previous : u;
    else if (kind == LINEAR) expected = i > 1 ? 2 * previous - before : u;
    putZigzag(i, u - expected);
    before = previous;
    previous = u;
  }
}

/** floor(x + 0.5), 0 where the prediction ran away. */
// @ts-ignore: decorator
@inline
function roundToInteger(x: f64): i64 {
  const rounded = floor(x + 0.5);
  return abs(rounded) < 9.2e18 ? <i64>rounded : 0;
}

/**
 * Coefficients at `table`, newest difference first; the history of differences lies behind them, mirrored to avoid
 * moves.
 */
// @ts-ignore: decorator
@inline
function predictionOf(table: usize, history: usize, order: i32): f64 {
  let sum: f64 = 0;
  for (let k = 0; k < order; k++) sum += load<f64>(table + (<usize>k << 3)) * load<f64>(history + (<usize>k << 3));
  return sum;
}

const HISTORY_ROWS: i32 = 256;

/**
 * Newest difference first: the window moves down through a buffer and is copied back to its end when it reaches the
 * start.
 */
// @ts-ignore: decorator
@inline
function pushed(history: usize, start: usize, order: i32, difference: f64): usize {
  let window = history;
  if (window == start) {
    window = start + (<usize>(HISTORY_ROWS - order) << 3);
    memory.copy(window, start, <usize>order << 3);
  }
  window -= 8;
  store<f64>(window, difference);
  return window;
}

function startHistory(table: usize, order: i32): usize {
  const start = table + (<usize>order << 3);
  memory.fill(start, 0, <usize>HISTORY_ROWS << 3);
  return start + (<usize>(HISTORY_ROWS - order) << 3);
}

export function residualsLpc(src: usize, n: i32, table: usize, order: i32): void {
  const start = table + (<usize>order << 3);
  let history = startHistory(table, order);
  let previous = n > 0 ? load<i64>(src) : 0;
  for (let i = 0; i < n; i++) {
    const u = load<i64>(src + (<usize>i << 3));
    const difference = u - previous;
    previous = u;
    putZigzag(i, difference - roundToInteger(predictionOf(table, history, order)));
    if (order > 0) history = pushed(history, start, order, <f64>difference);
  }
}

export function predictLpc(dst: usize, n: i32, zigzag: bool, first: i64, offset: i64, table: usize, order: i32): void {
  const start = table + (<usize>order << 3);
  let history = startHistory(table, order);
  let value = first;
  for (let i = 0; i < n; i++) {
    const at = PLANE_A + (<usize>i << 2);
    const z = <u64>load<u32>(at) | (<u64>load<u32>(at + PLANE_BYTES) << 32);
    const r = zigzag ? <i64>((z >> 1) ^ -(z & 1)) : <i64>z + offset;
    const difference = roundToInteger(predictionOf(table, history, order)) + r;
    value += difference;
    store<i64>(dst + (<usize>i << 3), value);
    if (order > 0) history = pushed(history, start, order, <f64>difference);
  }
}
