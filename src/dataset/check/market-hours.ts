/**
 * When a market is open, learned from when it traded: the week is cut into slots of 15 minutes (of a day, where candles
 * are daily), and a slot in which less than a quarter of the weeks has a row is closed. Markets go by a local clock, so
 * the zone in which the fewest slots are now and then open wins.
 */
import { type Zone, zoneOf } from '../../formats/time/zones.js';
import type { TimeRuns } from './time-runs.js';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
const SLOT_MS = 900_000;
/**
 * Where the clocks of most markets are: UTC, New York (futures, currencies and shares of America), London, and the zone
 * of continental Europe.
 */
const ZONES = ['UTC', 'America/New_York', 'Europe/London', 'Europe/Berlin'];
/** 1970-01-05 was a Monday. */
const MONDAY_MS = 4 * DAY_MS;
/** Weeks needed before a slot without rows says anything. */
const MIN_WEEKS = 3;
/** Share of the weeks up to which a slot counts as closed: an hour of some weeks is no hour that all weeks lack. */
const CLOSED_SHARE = 0.25;

export interface MarketHours {
  /** The zone of its clock; undefined for a market that never closes, or too few weeks to know. */
  readonly timezone?: string;
  /** Whether a candle is due at a time. */
  isOpen(ms: number): boolean;
}

const ALWAYS_OPEN: MarketHours = { isOpen: () => true };

/** `step`: the usual distance of candles. */
export function learnMarketHours(times: TimeRuns, step: number, timezone?: string): MarketHours {
  const weeks = (times.lastMs - times.firstMs) / WEEK_MS;
  if (weeks < MIN_WEEKS || step > DAY_MS) return ALWAYS_OPEN;
  const slotMs = step === DAY_MS ? DAY_MS : Math.max(SLOT_MS, step);
  const zones = timezone === undefined ? ZONES : [timezone];
  let best: { zone: string; clock: Zone; open: Uint8Array; wavering: number } | undefined;
  for (const zone of zones) {
    const clock = zoneOf(zone);
    const { open, wavering } = openSlots(times, clock, slotMs, weeks);
    if (!open.includes(0) && wavering === 0) return ALWAYS_OPEN;
    if (best === undefined || wavering < best.wavering) best = { zone, clock, open, wavering };
  }
  const { zone, clock, open } = best!;
  if (!open.includes(0)) return ALWAYS_OPEN;
  return { timezone: zone, isOpen: (ms) => open[slotOf(ms, clock, slotMs)] === 1 };
}

function slotOf(ms: number, clock: Zone, slotMs: number): number {
  const local = ms + clock.offsetAt(ms) - MONDAY_MS;
  return Math.floor((((local % WEEK_MS) + WEEK_MS) % WEEK_MS) / slotMs);
}

/** Which slots have rows in more than a few weeks, and how many have them in some weeks only. */
function openSlots(
  times: TimeRuns,
  clock: Zone,
  slotMs: number,
  weeks: number,
): { open: Uint8Array; wavering: number } {
  const counts = new Uint32Array(Math.ceil(WEEK_MS / slotMs));
  const lastWeek = new Float64Array(counts.length).fill(Number.NaN);
  const visit = (ms: number) => {
    const slot = slotOf(ms, clock, slotMs);
    const week = Math.floor((ms - MONDAY_MS) / WEEK_MS);
    if (lastWeek[slot] === week) return;
    lastWeek[slot] = week;
    counts[slot] += 1;
  };
  for (const { start, step, count } of times) {
    // Of rows closer than a slot one in each slot is enough.
    const stride = step * Math.max(1, Math.floor(slotMs / step));
    const end = start + step * count;
    for (let ms = start; ms < end; ms += stride) visit(ms);
    visit(end);
  }
  const open = Uint8Array.from(counts, (count) => (count > Math.max(1, weeks * CLOSED_SHARE) ? 1 : 0));
  const wavering = counts.reduce((sum, count) => sum + (count > weeks * 0.1 && count < weeks * 0.8 ? 1 : 0), 0);
  return { open, wavering };
}
