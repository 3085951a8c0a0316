// Every SPAN bars the last HISTORY records move to the front and the running sums start again at zero, around a new anchor: that
// bounds what rounding can add up to.
import {
  ANCHOR,
  HISTORY,
  HULL_PLAIN,
  HULL_ROOT,
  HULL_WEIGHTED,
  KNOWN_CLOSE,
  REACH,
  RECORD_BYTES,
  RECORD_CLOSE,
  RECORD_PLAIN,
  RECORD_TRAVEL,
  RECORDS,
  ROW_BYTES,
  ROW_HISTORY,
  ROWS,
  SPAN,
} from '../../plugins/atc/kernel/layout';
import { innerHull } from './averages';

export function rebuild(): void {
  const history = load<i32>(HISTORY);
  const moved = load<i32>(SPAN) * RECORD_BYTES;
  const anchor = load<f64>(KNOWN_CLOSE);
  let reach: f64 = 0;
  let ramp: f64 = 0;
  let plain: f64 = 0;
  let travelled: f64 = 0;
  let before: f64 = NaN;
  const end = RECORDS + history * RECORD_BYTES;
  for (let at = RECORDS; at < end; at += RECORD_BYTES) {
    const close = load<f64>(at + moved, RECORD_CLOSE);
    ramp += plain;
    if (close == close) {
      const offset = close - anchor;
      plain += offset;
      reach = max(reach, abs(offset));
      if (before == before) travelled += abs(close - before);
    }
    before = close;
    store<f64>(at, ramp);
    store<f64>(at, plain, RECORD_PLAIN);
    store<f64>(at, close, RECORD_CLOSE);
    store<f64>(at, travelled, RECORD_TRAVEL);
  }
  store<f64>(ANCHOR, anchor);
  store<f64>(REACH, reach);
  rebuildRows(end);
}

/** The inner Hull values of the last ROW_HISTORY bars, and their sums over each lane's own window. */
function rebuildRows(end: i32): void {
  const rows = load<i32>(ROW_HISTORY);
  const first = load<i32>(ROWS);
  let record = end - rows * RECORD_BYTES;
  let row = first;
  for (; record < end; record += RECORD_BYTES) {
    const ramp = v128.load_splat<f64>(record);
    const plain = v128.load_splat<f64>(record, RECORD_PLAIN);
    for (let v = 0; v < ROW_BYTES; v += 16) v128.store(row + v, innerHull(record, v, ramp, plain));
    row += ROW_BYTES;
  }
  for (let lane = 0; lane < ROW_BYTES; lane += 8) {
    const root = <i32>load<f64>(lane, HULL_ROOT);
    let plain: f64 = 0;
    let weighted: f64 = 0;
    let at = row + lane - root * ROW_BYTES;
    for (let j = 1; j <= root; j++) {
      const inner = load<f64>(at);
      plain += inner;
      weighted += inner * <f64>j;
      at += ROW_BYTES;
    }
    store<f64>(lane, plain, HULL_PLAIN);
    store<f64>(lane, weighted, HULL_WEIGHTED);
  }
}
