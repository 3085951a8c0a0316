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
/** Weeks needed before a slot of the week without rows says anything; shorter series are known by their days. */
const MIN_WEEKS = 3;
/** Days with rows, of a series of fewer weeks. */
const MIN_DAYS = 5;
/** From Monday. */
const FRIDAY_NOON_MS = 4.5 * DAY_MS;
const SATURDAY_MS = 5 * DAY_MS;
/** Share of the weeks up to which a slot counts as closed: an hour of some weeks is no hour that all weeks lack. */
const CLOSED_SHARE = 0.25;

export interface MarketHours {
  /** The zone of its clock; undefined for a market that never closes, or too few days to know. */
  readonly timezone?: string;
  /** Whether a candle is due at a time. */
  isOpen(ms: number): boolean;
}

const ALWAYS_OPEN: MarketHours = { isOpen: () => true };

/** `step`: the usual distance of candles. */
export function learnMarketHours(times: TimeRuns, step: number, timezone?: string): MarketHours {
  const weeks = (times.lastMs - times.firstMs) / WEEK_MS;
  if (step > DAY_MS) return ALWAYS_OPEN;
  if (weeks < MIN_WEEKS) return step < DAY_MS ? hoursOfDays(times, step, timezone) : ALWAYS_OPEN;
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

/**
 * The hours of a series that is too short for weeks: slots of the day in which no day has a row are closed, and
 * the hours without rows around Saturday where no Saturday has any.
 */
function hoursOfDays(times: TimeRuns, step: number, timezone: string | undefined): MarketHours {
  const slotMs = Math.max(SLOT_MS, step);
  const slotsOfDay = DAY_MS / slotMs;
  if (!Number.isInteger(slotsOfDay)) return ALWAYS_OPEN;
  let best: { zone: string; clock: Zone; week: Uint32Array; open: boolean[]; used: number } | undefined;
  for (const zone of timezone === undefined ? ZONES : [timezone]) {
    const clock = zoneOf(zone);
    const week = new Uint32Array(Math.ceil(WEEK_MS / slotMs));
    const slots = new Set<number>();
    visitSlots(times, slotMs, (ms) => {
      const slot = Math.floor((ms + clock.offsetAt(ms) - MONDAY_MS) / slotMs);
      if (slots.has(slot)) return;
      slots.add(slot);
      week[slotOf(ms, clock, slotMs)] += 1;
    });
    const days = new Set([...slots].map((slot) => Math.floor((slot * slotMs) / DAY_MS))).size;
    if (days < MIN_DAYS) return ALWAYS_OPEN;
    const counts = new Uint32Array(slotsOfDay);
    for (const slot of slots) counts[((slot % slotsOfDay) + slotsOfDay) % slotsOfDay] += 1;
    const open = Array.from(counts, (count) => count > 0);
    // By a clock that is not theirs hours open in one week and not in the other.
    const used = week.reduce((sum, count) => sum + Math.min(count, 1), 0);
    if (best === undefined || used < best.used) best = { zone, clock, week, open, used };
  }
  const { zone, clock, week, open } = best!;
  const isFree = (slot: number) => week[slot] === 0;
  const saturday = Array.from({ length: slotsOfDay }, (_, k) => Math.floor(SATURDAY_MS / slotMs) + k);
  const hasWeekend = saturday.every(isFree);
  if (!hasWeekend && !open.includes(false)) return ALWAYS_OPEN;
  return {
    timezone: zone,
    isOpen: (ms) => {
      const slot = slotOf(ms, clock, slotMs);
      const isWeekend = hasWeekend && slot * slotMs >= FRIDAY_NOON_MS && isFree(slot);
      return open[slot % slotsOfDay] && !isWeekend;
    },
  };
}

/** Calls back for a time in each slot that has rows, several of some. */
function visitSlots(times: TimeRuns, slotMs: number, visit: (ms: number) => void): void {
  for (const { start, step, count } of times) {
    // Of rows closer than a slot one in each slot is enough.
    const stride = step * Math.max(1, Math.floor(slotMs / step));
    const end = start + step * count;
    for (let ms = start; ms < end; ms += stride) visit(ms);
    visit(end);
  }
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
  visitSlots(times, slotMs, visit);
  const open = Uint8Array.from(counts, (count) => (count > Math.max(1, weeks * CLOSED_SHARE) ? 1 : 0));
  const wavering = counts.reduce((sum, count) => sum + (count > weeks * 0.1 && count < weeks * 0.8 ? 1 : 0), 0);
  return { open, wavering };
}
