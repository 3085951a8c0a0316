// Adaptive Trend Classification of one symbol in one pass: 54 averages, their sides and equities, both layers. The
// state lies at address 0 as plugins/atc/kernel/layout.ts says; the host puts it there and takes it away.
import {
  ANCHOR,
  BAR,
  CLEAN_NEEDED,
  CLEAN_RUN,
  CURRENT,
  CUTOUT,
  FAMILY_EQUITY,
  FAMILY_SIGNAL,
  GROWTH,
  HISTORY,
  KEPT,
  KNOWN_CLOSE,
  PAIR_BYTES,
  POSITION,
  PREVIOUS_CLOSE,
  PREVIOUS_SIGNAL,
  PRICE_GUARD,
  REACH,
  REACH_GUARD,
  RECORD_BYTES,
  RECORD_CLOSE,
  RECORD_PLAIN,
  RECORD_TRAVEL,
  RECORDS,
  RECURSIVE_BYTES,
  ROW_BYTES,
  ROW_HISTORY,
  ROWS,
  SEED_NEEDED,
  SETTLED,
  SHIFTED,
  SPAN,
} from '../../plugins/atc/kernel/layout';
import { exponentialDistances, fittedDistances, hullAndAdaptiveDistances, hullDistances } from './averages';
import { lengthOf } from './direct';
import { averageSignal, familyLayer, settledLayer, unsettledLayer } from './layers';
import { rebuild } from './rebuild';
import {
  keepSidesOfTouching,
  repairAdaptive,
  repairExponential,
  repairHull,
  repairLeastSquares,
  repairWeighted,
  travelLostDigits,
} from './repair';
import { barsAt, takeStillFits, takeStillHulls } from './still';
import { bridgeExponential, startAdaptive, startExponential, undefineWindows } from './warm-up';

/** Distances of a bar on which some window has a gap or some recursion waits for its seed. */
function warmUpDistances(
  record: i32,
  row: i32,
  bar: i32,
  cleanRun: i32,
  close: f64,
  offset: f64,
  guard: f64,
  still: i32,
  from: i32,
  to: i32,
): void {
  const windowsOpen = cleanRun >= min(min(lengthOf(1, 8), lengthOf(2, 8)), lengthOf(4, 8));
  if (windowsOpen) fittedDistances(record, f64x2.splat(offset), f64x2.splat(0));
  hullDistances(record, row, offset);
  undefineWindows(cleanRun);
  if (windowsOpen) {
    repairWeighted(record, close, guard, still);
    repairLeastSquares(record, close, guard, still);
    repairHull(record, close, guard, still);
  }
  if (bar < load<i32>(SEED_NEEDED)) startExponential(record, bar, close, from, to);
  else bridgeExponential(close, from, to);
  startAdaptive(record, bar, cleanRun, close, from, to);
}

/**
 * Both layers of a bar, for six arrays each, `stride` bytes apart. NaN as its canonical bits: they differ between
 * processors.
 */
function writeLayers(at: i32, stride: i32, open: bool): void {
  for (let lane = 0; lane < 48; lane += 8) {
    const signal = load<f64>(lane, FAMILY_SIGNAL);
    store<f64>(at + (lane >> 3) * stride, open && signal == signal ? signal : NaN);
    store<f64>(at + (6 + (lane >> 3)) * stride, open ? load<f64>(lane, FAMILY_EQUITY) : NaN);
  }
}

/**
 * What bar `i` of the block, whose families are done, gives: a signal of 0 before the cutout, a bar late with
 * strategyMode.
 */
// @ts-ignore: decorator
@inline
function writeResults(signals: i32, layers: i32, i: i32, stride: i32, open: bool): void {
  const signal = open ? averageSignal() : 0;
  store<f64>(signals + (i << 3), load<i32>(SHIFTED) != 0 ? load<f64>(PREVIOUS_SIGNAL) : signal);
  store<f64>(PREVIOUS_SIGNAL, signal);
  if (layers != 0) writeLayers(layers + (i << 3), stride, open);
}

/** Layer 2 and the average signal of a bar whose layer 1 is done. */
function finishBar(kept: f64, weighted: f64, signals: i32, layers: i32, i: i32, stride: i32, open: bool): void {
  familyLayer(kept, weighted);
  writeResults(signals, layers, i, stride, open);
}

/**
 * Consumes `count` checked closes and writes as many average signals.
 * @param growth exp(L·64·span) of every span of 64 bars since the cutout that the block touches, the first first.
 * @param layers Where twelve arrays begin: the signals in lane order (ema, dema, wma, lsma, hma, kama), then the
 * equities; 0 for none.
 * @param stride Bytes from one of these arrays to the next.
 */
export function run(count: i32, closes: i32, signals: i32, growth: i32, layers: i32, stride: i32): void {
  const history = load<i32>(HISTORY);
  const fullPosition = history + load<i32>(SPAN);
  const rowsAt = load<i32>(ROWS) - (history - load<i32>(ROW_HISTORY)) * ROW_BYTES;
  const cutout = load<f64>(CUTOUT);
  const keptAfterCutout = load<f64>(KEPT);
  const priceGuard = load<f64>(PRICE_GUARD);
  const reachGuard = load<f64>(REACH_GUARD);
  const cleanNeeded = load<i32>(CLEAN_NEEDED);
  const seedNeeded = load<i32>(SEED_NEEDED);

  const firstBar = load<f64>(BAR);
  let elapsed = <i64>(firstBar - cutout);
  const firstSpan = max<i64>(elapsed, 0) >> 6;
  let bar = <i32>min<f64>(firstBar, 1073741824.0);
  let cleanRun = load<i32>(CLEAN_RUN);
  let position = load<i32>(POSITION);
  let anchor = load<f64>(ANCHOR);
  let reach = load<f64>(REACH);
  let previousClose = load<f64>(PREVIOUS_CLOSE);
  let settled = load<i32>(SETTLED) != 0;
  let from = load<i32>(CURRENT);
  // Bars at the current price, as far as any window reaches.
  let still = barsAt(previousClose, position, cleanNeeded);

  // Layer 2 and the signal wait for the next bar, to be computed between its averages: they are chains of divisions and
  // the processor has nothing else to do at the end of a bar.
  let lastKept: f64 = 1;
  let lastWeighted: f64 = 0;

  for (let i = 0; i < count; i++) {
    const close = load<f64>(closes + (i << 3));
    const known = close == close;
    if (position == fullPosition) {
      rebuild();
      position = history;
      anchor = load<f64>(ANCHOR);
      reach = load<f64>(REACH);
    }
    const record = RECORDS + position * RECORD_BYTES;
    const row = rowsAt + position * ROW_BYTES;
    position++;

    // The running sums: a missing price counts as the anchor, windows that hold one are undefined anyway.
    let offset: f64 = 0;
    let travelled = load<f64>(record - RECORD_BYTES, RECORD_TRAVEL);
    let change: f64 = 0;
    if (known) {
      if (anchor == 0) anchor = close;
      offset = close - anchor;
      const distance = abs(offset);
      if (distance > reach) reach = distance;
      store<f64>(KNOWN_CLOSE, close);
      still = close == previousClose ? min(still + 1, cleanNeeded) : 1;
      if (cleanRun != 0) {
        travelled += abs(close - previousClose);
        change = close / previousClose - 1;
      }
      cleanRun = min(cleanRun + 1, 1 << 30);
    } else cleanRun = 0;
    const plainBefore = load<f64>(record - RECORD_BYTES, RECORD_PLAIN);
    store<f64>(record, load<f64>(record - RECORD_BYTES) + plainBefore);
    store<f64>(record, plainBefore + offset, RECORD_PLAIN);
    store<f64>(record, close, RECORD_CLOSE);
    store<f64>(record, travelled, RECORD_TRAVEL);
    previousClose = close;

    // Up to the cutout equities stay as they are: nothing lost, nothing gained.
    let kept: f64 = 1;
    let weighted: f64 = 0;
    if (elapsed > 0) {
      kept = keptAfterCutout;
      const base = load<f64>(growth + (<i32>((elapsed >> 6) - firstSpan) << 3));
      let factor = base * load<f64>((<i32>elapsed & 63) << 3, GROWTH);
      if (factor > f64.MAX_VALUE) factor = f64.MAX_VALUE;
      weighted = change * factor;
      if (weighted != weighted) weighted = 0;
    }

    const guard = priceGuard * (abs(anchor) + reach) + reachGuard * reach;
    const to = RECURSIVE_BYTES - from;
    if (cleanRun >= cleanNeeded && bar >= seedNeeded) {
      const closeLanes = f64x2.splat(close);
      const offsetLanes = f64x2.splat(offset);
      const far = f64x2.splat(f64.MAX_VALUE);
      const exponential = exponentialDistances(closeLanes, from, to, far);
      if (i != 0) familyLayer(lastKept, lastWeighted);
      const fitted = fittedDistances(record, offsetLanes, far);
      if (i != 0) writeResults(signals, layers, i - 1, stride, elapsed > 0);
      const hull = hullAndAdaptiveDistances(record, row, closeLanes, offsetLanes, from, to, far);
      const limit = f64x2.splat(guard);
      if (v128.any_true(f64x2.lt(f64x2.pmin(f64x2.pmin(exponential, fitted), hull), limit))) {
        if (v128.any_true(f64x2.eq(exponential, f64x2.splat(0)))) {
          repairExponential(close, from, to);
          if (settled) keepSidesOfTouching(0);
        }
        if (v128.any_true(f64x2.lt(fitted, limit))) {
          if (still >= cleanNeeded) takeStillFits(close, guard);
          else {
            repairWeighted(record, close, guard, still);
            repairLeastSquares(record, close, guard, still);
          }
          if (settled) keepSidesOfTouching(PAIR_BYTES);
        }
        if (v128.any_true(f64x2.lt(hull, limit))) {
          if (still >= cleanNeeded) takeStillHulls(close, guard);
          else repairHull(record, close, guard, still);
          if (travelLostDigits(record, close)) repairAdaptive(record, close, from, to);
          if (settled) keepSidesOfTouching(2 * PAIR_BYTES);
        }
      }
      if (settled) settledLayer(kept, weighted);
      else settled = unsettledLayer(kept, weighted);
    } else {
      if (i != 0) finishBar(lastKept, lastWeighted, signals, layers, i - 1, stride, elapsed > 0);
      warmUpDistances(record, row, bar, cleanRun, close, offset, guard, still, from, to);
      unsettledLayer(kept, weighted);
      settled = false;
    }
    from = to;

    lastKept = kept;
    lastWeighted = weighted;
    elapsed++;
    bar = min(bar + 1, 1 << 30);
  }

  if (count != 0) {
    finishBar(lastKept, lastWeighted, signals, layers, count - 1, stride, elapsed > 0);
  }
  store<f64>(BAR, firstBar + <f64>count);
  store<i32>(CLEAN_RUN, cleanRun);
  store<i32>(POSITION, position);
  store<f64>(ANCHOR, anchor);
  store<f64>(REACH, reach);
  store<f64>(PREVIOUS_CLOSE, previousClose);
  store<i32>(SETTLED, settled ? 1 : 0);
  store<i32>(CURRENT, from);
}
