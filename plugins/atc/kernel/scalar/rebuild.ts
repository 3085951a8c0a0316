/** The running sums start again at zero, around a new anchor (assembly/atc/rebuild.ts). */
import { LENGTHS_PER_FAMILY } from '../../families.js';
import * as at from '../layout.js';
import type { StateView } from './state-view.js';

export function rebuild(state: StateView): void {
  const history = state.integer(at.HISTORY);
  const moved = state.integer(at.SPAN) * at.RECORD_BYTES;
  const anchor = state.get(at.KNOWN_CLOSE);
  let reach = 0;
  let ramp = 0;
  let plain = 0;
  let travelled = 0;
  let before = Number.NaN;
  const end = at.RECORDS + history * at.RECORD_BYTES;
  for (let record = at.RECORDS; record < end; record += at.RECORD_BYTES) {
    const close = state.get(record + moved + at.RECORD_CLOSE);
    ramp += plain;
    if (!Number.isNaN(close)) {
      const offset = close - anchor;
      plain += offset;
      reach = Math.max(reach, Math.abs(offset));
      if (!Number.isNaN(before)) travelled += Math.abs(close - before);
    }
    before = close;
    state.set(record, ramp);
    state.set(record + at.RECORD_PLAIN, plain);
    state.set(record + at.RECORD_CLOSE, close);
    state.set(record + at.RECORD_TRAVEL, travelled);
  }
  state.set(at.ANCHOR, anchor);
  state.set(at.REACH, reach);
  state.setInteger(at.POSITION, history);
  rebuildRows(state, end);
}

function rebuildRows(state: StateView, end: number): void {
  const rows = state.integer(at.ROW_HISTORY);
  const first = state.integer(at.ROWS);
  for (let lane = 0; lane < LENGTHS_PER_FAMILY; lane++) {
    const root = state.get(at.HULL_ROOT + 8 * lane);
    let plain = 0;
    let weighted = 0;
    for (let row = 0; row < rows; row++) {
      const inner = innerHull(state, end - (rows - row) * at.RECORD_BYTES, lane);
      state.set(first + row * at.ROW_BYTES + 8 * lane, inner);
      const weight = row - (rows - root) + 1;
      if (weight < 1) continue;
      plain += inner;
      weighted += inner * weight;
    }
    state.set(at.HULL_PLAIN + 8 * lane, plain);
    state.set(at.HULL_WEIGHTED + 8 * lane, weighted);
  }
}

/** 2·WMA(half) - WMA(whole) of a hull lane, relative to the anchor. */
export function innerHull(state: StateView, record: number, lane: number): number {
  const ramp = state.get(record);
  const plain = state.get(record + at.RECORD_PLAIN);
  const half = state.get(record + state.integer(at.HULL_HALF_BACK + 4 * lane));
  const whole = state.get(record + state.integer(at.HULL_WHOLE_BACK + 4 * lane));
  return (
    state.get(at.HULL_SUM + 8 * lane) * plain +
    state.get(at.HULL_HALF + 8 * lane) * (half - ramp) -
    state.get(at.HULL_WHOLE + 8 * lane) * (whole - ramp)
  );
}
