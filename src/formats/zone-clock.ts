/** Local time of a zone by the tables of the runtime (`Intl`); nothing about zones is written down here. */
import { AtcError } from '../errors.js';

const DAY_MS = 86_400_000;
/** Zones change their offset at multiples of this, so an offset is valid for the whole of such a span. */
const OFFSET_SPAN_MS = 900_000;

/** Converts between UTC ms and the local clock of one zone (local times are written as if they were UTC ms). */
export class ZoneClock {
  readonly #format: Intl.DateTimeFormat;
  #span = Number.NaN;
  #offset = 0;

  /** ARGUMENT for a zone that the runtime does not know. */
  constructor(readonly timezone: string) {
    try {
      this.#format = new Intl.DateTimeFormat('en-US', {
        timeZone: timezone,
        hourCycle: 'h23',
        year: 'numeric',
        month: 'numeric',
        day: 'numeric',
        hour: 'numeric',
        minute: 'numeric',
        second: 'numeric',
        era: 'short',
      });
    } catch (cause) {
      throw new AtcError(
        'ARGUMENT',
        `there is no time zone "${timezone}"; write it as the IANA tables do, such as America/New_York or UTC`,
        { cause },
      );
    }
  }

  /** Local time minus UTC, in ms, at a moment. */
  offsetAt(ms: number): number {
    const span = Math.floor(ms / OFFSET_SPAN_MS);
    if (span !== this.#span) {
      this.#span = span;
      this.#offset = this.#computeOffset(span * OFFSET_SPAN_MS);
    }
    return this.#offset;
  }

  /**
   * The moment at which the local clock shows `local`: the first of two where it shows it twice, and the first moment after a jump
   * over it.
   */
  toUtc(local: number): number {
    const before = local - this.offsetAt(local - DAY_MS);
    if (before + this.offsetAt(before) === local) return before;
    const after = local - this.offsetAt(local + DAY_MS);
    return after + this.offsetAt(after) === local ? after : before;
  }

  #computeOffset(ms: number): number {
    const of: Record<string, string> = {};
    for (const { type, value } of this.#format.formatToParts(ms)) of[type] = value;
    const year = of.era === 'BC' ? 1 - Number(of.year) : Number(of.year);
    const local = new Date(0);
    local.setUTCFullYear(year, Number(of.month) - 1, Number(of.day));
    local.setUTCHours(Number(of.hour), Number(of.minute), Number(of.second));
    return local.getTime() - ms;
  }
}
