/** What happens to one value on its way into and out of a wrapped store, in each mode. Never throws into the host. */

import { quarantineBytes } from '../../cache-directory/quarantine.js';
import type { CompressionOptions } from '../../codec/compression-options.js';
import type { DecodeLimit } from '../../codec/decode-columns.js';
import { isAtcError, reasonOf } from '../../errors.js';
import { emitMemoryEvent } from '../../events.js';
import type { Carrier, FeatureMode } from '../../feature-mode.js';
import { firstDifference } from '../../value/same-value.js';
import { decodeFrame, encodeFrame, FrameKind } from '../../value/value-frame.js';
import { isObject } from '../override.js';
import { carry, entryFrame, holdsEntry, isWholeEntry } from './carrier.js';
import { isEscaped, rememberEscaped } from './escaped.js';

export interface EntryCodecOptions extends CompressionOptions {
  readonly mode: Exclude<FeatureMode, false>;
  readonly carrier: Carrier;
  /** Values that take less than this plainly stay as they are. */
  readonly minBytes: number;
  /** Most memory that one decoded value may take. */
  readonly maxValueBytes: number;
  /** What a damaged entry is read as. */
  readonly miss: unknown;
  readonly service?: string;
  /** Damaged bytes are put aside below it; false: nowhere. */
  readonly cacheDir: string | false;
  /** Called with a damaged entry, besides the event. Must not throw. */
  readonly onCorrupt?: (error: unknown, key: unknown) => void;
}

/** An entry has to be at least this much smaller than the value, or it is not worth being one. */
const WORTH = 0.95;

export class EntryCodec {
  constructor(readonly options: EntryCodecOptions) {}

  /** What was decoded holds no more entries. */
  readonly #decoded = new WeakSet<object>();
  /** Objects that were put in, where they are stored as they are: values, whatever they hold. */
  readonly #originals = new WeakSet<object>();
  /** The last decoded value, where it is no object. */
  #lastText: unknown;

  /** Whether this very object was decoded from an entry. */
  isDecoded(value: object): boolean {
    return this.#decoded.has(value);
  }

  /**
   * Whether this very object was put in, in mode 'verify', and would have been stored as an entry; or is a function
   * that was put in.
   */
  isOriginal(value: object): boolean {
    return this.#originals.has(value);
  }

  /** What to hand to the host instead of `value`. */
  encode(key: unknown, value: unknown): unknown {
    if (typeof value === 'function') this.#originals.add(value);
    const frame = entryFrame(value);
    if (frame !== undefined) {
      // An entry already: another layer or a copied store. Otherwise the user's own bytes, which would be read as
      // damage.
      return isWholeEntry(frame)
        ? value
        : carry(encodeFrame(value, FrameKind.entry, this.#limit).bytes, this.options.carrier);
    }
    if (isObject(value) && holdsEntry(value)) return this.#escape(value);
    if (this.options.mode === 'read' || !isCandidate(value, this.options)) return value;
    try {
      return this.#tryEncode(key, value);
    } catch (error) {
      // A wrong level is the caller's mistake, not the value's.
      if (isAtcError(error, 'ARGUMENT')) throw error;
      emitMemoryEvent('fallback', { ...this.#origin(key), reason: reasonOf(error) });
      return value;
    }
  }

  /** A small object or list of the caller with text like an entry in it, which would be decoded on the way out. */
  #escape(value: unknown): unknown {
    try {
      return carry(encodeFrame(value, FrameKind.entry, this.#limit).bytes, this.options.carrier);
    } catch (error) {
      if (isAtcError(error, 'UNSUPPORTED')) return value;
      throw error;
    }
  }

  #tryEncode(key: unknown, value: unknown): unknown {
    const { mode, carrier, minBytes } = this.options;
    const { bytes, plainBytes, isJson } = encodeFrame(value, FrameKind.entry, { ...this.options, ...this.#limit });
    const carried = carry(bytes, carrier);
    // A store of texts would make something else of it, however small.
    const isNeeded = carrier === 'text' && !isJson;
    if (!isNeeded && (plainBytes < minBytes || carried.length > plainBytes * WORTH)) return value;
    const sizes = { ...this.#origin(key), bytesBefore: plainBytes, bytesAfter: carried.length };
    if (mode !== 'verify') {
      emitMemoryEvent('write', sizes);
      return carried;
    }
    const difference = firstDifference(decodeFrame(bytes), value);
    if (typeof value === 'object' && value !== null) this.#originals.add(value);
    if (difference === undefined) emitMemoryEvent('verified', sizes);
    else emitMemoryEvent('difference', { ...this.#origin(key), reason: `${difference} is decoded differently` });
    return value;
  }

  /** What to hand to the caller instead of `stored`. */
  decode(key: unknown, stored: unknown): unknown {
    const frame = entryFrame(stored);
    if (frame === undefined || isEscaped(stored as string | object)) {
      if (this.#isLegacy(stored)) emitMemoryEvent('legacy', this.#origin(key));
      return stored;
    }
    try {
      const value = decodeFrame(frame, this.#limit);
      if (entryFrame(value) !== undefined) rememberEscaped(value as string | object);
      if (isObject(value)) this.#decoded.add(value);
      else this.#lastText = value;
      emitMemoryEvent('hit', { ...this.#origin(key), bytes: frame.length });
      return value;
    } catch (error) {
      const { cacheDir, service } = this.options;
      // A value beyond the limit is whole, and stays where it is.
      const isDamage = !isAtcError(error, 'ARGUMENT');
      const movedTo = cacheDir === false || !isDamage ? undefined : quarantineBytes(cacheDir, service, frame);
      emitMemoryEvent('corrupt', { ...this.#origin(key), error, movedTo });
      this.options.onCorrupt?.(error, key);
      return this.options.miss;
    }
  }

  /** Not what an inner method of the host has decoded just now. */
  #isLegacy(stored: unknown): boolean {
    if (stored === undefined || stored === null) return false;
    return isObject(stored) ? !this.#decoded.has(stored) : stored !== this.#lastText;
  }

  get #limit(): DecodeLimit {
    return { maxBytes: this.options.maxValueBytes };
  }

  #origin(key: unknown): { service?: string; key?: string } {
    return { service: this.options.service, key: key === undefined ? undefined : String(key) };
  }
}

/** Numbers, flags and short texts are not worth a look; functions and symbols cannot be entries. */
function isCandidate(value: unknown, { minBytes, carrier }: EntryCodecOptions): boolean {
  if (typeof value === 'string') return value.length >= minBytes;
  if (typeof value === 'object') return value !== null;
  // What JSON has no word for.
  if (carrier !== 'text') return false;
  return typeof value === 'bigint' || (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0)));
}
