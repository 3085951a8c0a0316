/**
 * Times of a wall clock in a zone -> UTC. The zone's rules come from `Intl`, whose tables the runtime keeps up to date.
 * An offset is asked for once a day of history and remembered, so that a conversion costs a lookup.
 */
import { AtcError, shown } from '../../errors.js';
import { nearestHint } from '../../nearest.js';

const DAY_MS = 86_400_000;
const OFFSET = /^(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?$/i;

/**
 * Where a wall clock stands. `candidates` are the UTC times at which it shows `localMs`: none, one, or two of them in
 * order.
 */
export interface Zone {
  readonly name: string;
  /** Set where every time has the same offset. */
  readonly fixedOffsetMs?: number;
  candidates(localMs: number): readonly number[];
  /** Local time minus UTC, in ms, at a moment. */
  offsetAt(utcMs: number): number;
}

/**
 * The moment at which the local clock shows `localMs`: the first of two where it shows it twice; where the clock jumps
 * over it, the moment as far behind the jump as the local time is.
 */
export function toUtc(zone: Zone, localMs: number): number {
  return zone.candidates(localMs)[0] ?? localMs - zone.offsetAt(localMs - DAY_MS);
}

const zones = new Map<string, Zone>();

/** By IANA name, `UTC`, or an offset such as `+02:00`. ARGUMENT for anything else. */
export function zoneOf(name: string): Zone {
  if (typeof name !== 'string') throw new AtcError('ARGUMENT', `a time zone must be a text, got ${shown(name)}`);
  let zone = zones.get(name);
  if (zone === undefined) zones.set(name, (zone = createZone(name)));
  return zone;
}

function createZone(name: string): Zone {
  const offset = /^(UTC|GMT|Z|Etc\/UTC)$/i.test(name) ? 0 : fixedOffset(name);
  if (offset !== undefined)
    return { name, fixedOffsetMs: offset, candidates: (localMs) => [localMs - offset], offsetAt: () => offset };
  return new NamedZone(name);
}

function fixedOffset(name: string): number | undefined {
  const match = OFFSET.exec(name);
  if (match === null) return undefined;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? 0);
  if (minutes > 18 * 60) return undefined;
  return (match[1] === '-' ? -minutes : minutes) * 60_000;
}

class NamedZone implements Zone {
  readonly #format: Intl.DateTimeFormat;
  /** Offset of each UTC day in ms; an array [offset before, change in UTC ms, offset after] on a day with a change. */
  readonly #days = new Map<number, number | readonly [number, number, number]>();

  constructor(readonly name: string) {
    try {
      this.#format = new Intl.DateTimeFormat('en-US', {
        timeZone: name,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
        era: 'short',
      });
    } catch {
      const hint = nearestHint(name, Intl.supportedValuesOf('timeZone'));
      const message = `"${name}" is no time zone; name one such as Europe/Athens, UTC or +02:00${hint}`;
      throw new AtcError('ARGUMENT', message);
    }
  }

  candidates(localMs: number): readonly number[] {
    const before = this.offsetAt(localMs - DAY_MS);
    const after = this.offsetAt(localMs + DAY_MS);
    if (before === after) return [localMs - before];
    // The larger offset gives the earlier time.
    const offsets = before > after ? [before, after] : [after, before];
    return offsets.map((offset) => localMs - offset).filter((ms, k) => this.offsetAt(ms) === offsets[k]);
  }

  offsetAt(utcMs: number): number {
    const day = Math.floor(utcMs / DAY_MS);
    let known = this.#days.get(day);
    if (known === undefined) this.#days.set(day, (known = this.#offsetsOf(day)));
    if (typeof known === 'number') return known;
    return utcMs < known[1] ? known[0] : known[2];
  }

  #offsetsOf(day: number): number | readonly [number, number, number] {
    const first = this.#ask(day * DAY_MS);
    const last = this.#ask((day + 1) * DAY_MS - 1000);
    if (first === last) return first;
    let [from, to] = [day * DAY_MS, (day + 1) * DAY_MS - 1000];
    // Changes happen on whole minutes.
    while (to - from > 60_000) {
      const middle = Math.floor((from + to) / 120_000) * 60_000;
      if (this.#ask(middle) === first) from = middle;
      else to = middle;
    }
    return [first, Math.ceil(to / 60_000) * 60_000, last];
  }

  #ask(utcMs: number): number {
    const parts: Record<string, string> = {};
    for (const { type, value } of this.#format.formatToParts(utcMs)) parts[type] = value;
    const year = parts.era === 'BC' ? 1 - Number(parts.year) : Number(parts.year);
    const shown = new Date(0);
    shown.setUTCFullYear(year, Number(parts.month) - 1, Number(parts.day));
    shown.setUTCHours(Number(parts.hour), Number(parts.minute), Number(parts.second));
    return shown.getTime() - Math.floor(utcMs / 1000) * 1000;
  }
}
