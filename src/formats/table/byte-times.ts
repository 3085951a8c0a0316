/**
 * Times of the usual forms, straight from the bytes of a cell: whole numbers since 1970, and
 * `yyyy-mm-dd[T ]hh:mm[:ss[.fff]][Z]`. What has another form is left to the reader of texts.
 */
import { TimeProblem, type TimeReader } from '../time/time-reader.js';
import { asciiOf } from './cell-bytes.js';

const MINUS = 45;
const COLON = 58;
const DOT = 46;
const NO_OFFSET = [...'+00:00'].map((character) => character.charCodeAt(0));
/** 2101, in seconds. */
const MAX_SECONDS = 4_133_980_800;

/** Bytes that end a cell, by their value. */
export type CellEnds = Uint8Array;

export function endsOf(...bytes: readonly number[]): CellEnds {
  const ends = new Uint8Array(256);
  for (const byte of bytes) ends[byte] = 1;
  return ends;
}

export class ByteTimes {
  readonly #time: TimeReader;
  /** Times of day are UTC. */
  readonly #isPlain: boolean;
  /** Times of day are those of a zone. */
  readonly #isZoned: boolean;
  /** What was read: UTC ms, or what the clock of the zone shows, as if it were UTC's. */
  ms = Number.NaN;
  isLocal = false;
  /** The date that the last time began with, as yyyymmdd, and its beginning in UTC ms. */
  #date = -1;
  #dateMs = 0;

  /** `hasClock`: the time of day stands in a cell of its own. */
  constructor(time: TimeReader, hasClock: boolean) {
    this.#time = time;
    this.#isPlain = time.isPlain && !hasClock;
    this.#isZoned = !this.#isPlain && time.isZoned && !hasClock;
  }

  /** Reads the cell at `at` into `ms` and returns where it ends; -1 for any other form. */
  read(bytes: Uint8Array, at: number, ends: CellEnds): number {
    this.isLocal = this.#isZoned;
    if (this.#isPlain) return this.#readPlain(bytes, at, ends);
    if (!this.#isZoned) return -1;
    const next = this.#readIso(bytes, at, ends, true);
    return next - at === 16 || next - at === 19 ? next : -1;
  }

  #readPlain(bytes: Uint8Array, start: number, ends: CellEnds): number {
    let at = start;
    let byte = bytes[at];
    let whole = 0;
    while (byte >= 48 && byte <= 57) {
      whole = whole * 10 + (byte - 48);
      byte = bytes[++at];
      // The ms of a time in ns: its last digits are beyond what a double holds.
      if (at - start === 13) this.ms = whole;
    }
    if (ends[byte] !== 1) return this.#readIso(bytes, start, ends, false);
    const time = this.#time;
    // Since September 2001; what has other lengths is read digit by digit by the general parser.
    switch (whole < 1e9 || bytes[start] === 48 ? 0 : at - start) {
      case 10:
        // From 1900010100 on it may be a date and an hour, which the general parser settles.
        if (whole > 1_900_000_000) return -1;
        this.ms = whole * 1000;
        time.note('s');
        return at;
      case 13:
        if (whole > MAX_SECONDS * 1e3) return -1;
        time.note('ms');
        return at;
      case 16:
        if (whole % 1000 !== 0 || whole > MAX_SECONDS * 1e6) return -1;
        this.ms = whole / 1000;
        time.note('us');
        return at;
      case 19:
        for (let k = start + 13; k < at; k += 1) if (bytes[k] !== 48) return -1;
        if (whole > MAX_SECONDS * 1e9) return -1;
        time.note('ns');
        return at;
      default:
        return -1;
    }
  }

  /** `yyyy-mm-dd`, with T or a space and `hh:mm` or `hh:mm:ss` behind it, and a Z unless `isZoned`. */
  #readIso(bytes: Uint8Array, at: number, ends: CellEnds, isZoned: boolean): number {
    const year = twoDigits(bytes, at) * 100 + twoDigits(bytes, at + 2);
    const month = twoDigits(bytes, at + 5);
    const day = twoDigits(bytes, at + 8);
    if (!(bytes[at + 4] === MINUS && bytes[at + 7] === MINUS)) return -1;
    const date = year * 10_000 + month * 100 + day;
    if (date !== this.#date && !this.#setDate(date, asciiOf(bytes, at, at + 10))) return -1;
    let next = at + 10;
    let seconds = 0;
    if (bytes[next] === 84 || bytes[next] === 32) {
      const hour = twoDigits(bytes, next + 1);
      const minute = twoDigits(bytes, next + 4);
      if (!(bytes[next + 3] === COLON && hour <= 23 && minute <= 59)) return -1;
      seconds = (hour * 60 + minute) * 60;
      next += 6;
      if (bytes[next] === COLON) {
        const second = twoDigits(bytes, next + 1);
        if (!(second <= 59)) return -1;
        seconds += second;
        next += 3;
      }
      if (!isZoned) return this.#readRest(bytes, next, ends, seconds);
    }
    if (ends[bytes[next]] !== 1) return -1;
    this.ms = this.#dateMs + seconds * 1000;
    return next;
  }

  /** A fraction of a second and the sign of UTC (`Z`, `+00:00`) behind a time of day. */
  #readRest(bytes: Uint8Array, at: number, ends: CellEnds, seconds: number): number {
    let next = at;
    let fraction = 0;
    if (bytes[next] === DOT) {
      const digitsAt = ++next;
      for (let byte = bytes[next]; byte >= 48 && byte <= 57; byte = bytes[++next]) {
        if (next - digitsAt < 3) fraction = fraction * 10 + (byte - 48);
        else if (byte !== 48) return -1;
      }
      if (next - digitsAt < 3) return -1;
    }
    const hasSign = bytes[next] === 90 || isNoOffset(bytes, next);
    if (!hasSign && this.#time.refusesLocal) return -1;
    if (hasSign) next += bytes[next] === 90 ? 1 : NO_OFFSET.length;
    if (ends[bytes[next]] !== 1) return -1;
    if (hasSign) this.#time.noteOffset();
    else if (seconds !== 0 || fraction !== 0) this.#time.note('times');
    this.ms = this.#dateMs + seconds * 1000 + fraction;
    return next;
  }

  /** By the reader of texts; false for what is no date to it. */
  #setDate(date: number, text: string): boolean {
    if (!(date >= 0)) return false;
    try {
      this.#dateMs = this.#time.read(text, undefined, '');
      this.#date = date;
      return true;
    } catch (error) {
      if (error instanceof TimeProblem) return false;
      throw error;
    }
  }
}

/** NaN for anything but two digits. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] - 48;
  const ones = bytes[at + 1] - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

function isNoOffset(bytes: Uint8Array, at: number): boolean {
  for (let k = 0; k < NO_OFFSET.length; k += 1) if (bytes[at + k] !== NO_OFFSET[k]) return false;
  return true;
}
