/** The running sums start again at zero, around a new anchor (assembly/atc/rebuild.ts). */
import { LENGTHS_PER_FAMILY } from '../../families.js';
import * as at from '../layout.js';
import { type Lanes, RECORD, ROW } from './lanes.js';

export function rebuild(lanes: Lanes): void {
  const { doubles } = lanes;
  const history = lanes.integer(at.HISTORY);
  const moved = lanes.integer(at.SPAN) * RECORD;
  const anchor = lanes.get(at.KNOWN_CLOSE);
  const first = at.RECORDS / 8;
  const end = first + history * RECORD;
  let reach = 0;
  let ramp = 0;
  let plain = 0;
  let travelled = 0;
  let before = Number.NaN;
  for (let record = first; record < end; record += RECORD) {
    const close = doubles[record + moved + 2];
    ramp += plain;
    if (!Number.isNaN(close)) {
      const offset = close - anchor;
      plain += offset;
      reach = Math.max(reach, Math.abs(offset));
      if (!Number.isNaN(before)) travelled += Math.abs(close - before);
    }
    before = close;
    doubles[record] = ramp;
    doubles[record + 1] = plain;
    doubles[record + 2] = close;
    doubles[record + 3] = travelled;
  }
  lanes.set(at.ANCHOR, anchor);
  lanes.set(at.REACH, reach);
  lanes.setInteger(at.POSITION, history);
  rebuildRows(lanes, end);
}

/** The inner Hull values of the last ROW_HISTORY bars, and their sums over each lane's own window. */
function rebuildRows(lanes: Lanes, end: number): void {
  const { doubles, hullSum, hullHalf, hullWhole, hullHalfBack, hullWholeBack } = lanes;
  const rows = lanes.integer(at.ROW_HISTORY);
  const first = lanes.integer(at.ROWS) / 8;
  for (let lane = 0; lane < LENGTHS_PER_FAMILY; lane++) {
    const root = lanes.hullRoot[lane];
    let plain = 0;
    let weighted = 0;
    for (let row = 0; row < rows; row++) {
      const record = end - (rows - row) * RECORD;
      const ramp = doubles[record];
      const inner =
        hullSum[lane] * doubles[record + 1] +
        hullHalf[lane] * (doubles[record + hullHalfBack[lane]] - ramp) -
        hullWhole[lane] * (doubles[record + hullWholeBack[lane]] - ramp);
      doubles[first + row * ROW + lane] = inner;
      const weight = row - (rows - root) + 1;
      if (weight < 1) continue;
      plain += inner;
      weighted += inner * weight;
    }
    lanes.hullPlain[lane] = plain;
    lanes.hullWeighted[lane] = weighted;
  }
}
