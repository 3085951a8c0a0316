/**
 * Signals in a cache, under a digest of everything they depend on. What is stored are bytes of `encodeValue`: every
 * store that stores a Buffer stores them, compressed or not, and the checksum inside shows whether it did.
 */
import {
  type CacheStore,
  decodeValue,
  EntryDirectory,
  emitMemoryEvent,
  encodeValue,
  isAtcError,
  type TypedArray,
} from 'atc-memory';
import { isFloat64Array } from './closes.js';
import type { FamilyRows } from './engine.js';
import { ATC_FAMILIES } from './families.js';
import type { AtcKernel, AtcKernelChoice } from './kernel/choose-kernel.js';
import { ATC_KERNEL_VERSION } from './kernel-version.js';
import type { ResolvedAtcParameters } from './parameters.js';
import type { AtcSignals } from './signals.js';

/**
 * A Keyv, a cache-manager cache, a Map, or whatever else has `get` and `set`; or a directory, which worker threads can
 * share.
 */
export type SignalsStore = CacheStore | string;

/** For events. */
const SERVICE = 'atc-signals';

export interface SignalsQuestion {
  readonly parameters: ResolvedAtcParameters;
  readonly layers?: boolean;
  readonly kernel?: AtcKernelChoice;
}

/**
 * Digest of the closes, block by block: all bits of all of them, their type and number, and what is asked about them.
 */
export class ClosesDigest {
  /** Loaded here: the entry point is imported by more than those who cache signals. */
  readonly #hash = process.getBuiltinModule('node:crypto').createHash('sha256');
  #hasBegun = false;
  readonly #length: number;
  readonly #question: SignalsQuestion;

  constructor(length: number, question: SignalsQuestion) {
    this.#length = length;
    this.#question = question;
  }

  update(closes: TypedArray): void {
    if (!this.#hasBegun) this.#begin(Object.prototype.toString.call(closes).slice(8, -1));
    this.#hash.update(new Uint8Array(closes.buffer, closes.byteOffset, closes.byteLength));
  }

  #begin(type: string): void {
    this.#hasBegun = true;
    const { parameters, layers = false, kernel } = this.#question;
    // Kaufman's average of the reference may differ in its last bits; all other kernels agree.
    const arithmetic = kernel === 'reference' ? 'reference' : 'one pass';
    // A zero byte ends the text: no closes can continue it to the text of another question.
    this.#hash.update(`${JSON.stringify([type, this.#length, arithmetic, layers, parameters])}\0`);
  }

  key(): string {
    return `atc-signals:${ATC_KERNEL_VERSION}:${this.#hash.digest('hex')}`;
  }
}

export class SignalsCache {
  readonly #store: Pick<CacheStore, 'get' | 'set'>;
  /** Of the bytes, 0 to 9. */
  readonly #level: number | undefined;

  constructor(store: SignalsStore, level?: number) {
    this.#level = level;

    this.#store = typeof store === 'string' ? directoryStore(store) : store;
  }

  /**
   * The cached signals of that many closes; undefined, and an event with the reason, for anything else. Never throws.
   */
  async get(key: string, length: number, layers = false): Promise<AtcSignals | undefined> {
    let stored: unknown;
    try {
      stored = await this.#store.get(key);
    } catch (error) {
      emitMemoryEvent('fallback', { service: SERVICE, key, reason: `the store failed: ${messageOf(error)}` });
      return undefined;
    }
    if (stored === undefined || stored === null) {
      emitMemoryEvent('miss', { service: SERVICE, key, reason: 'absent' });
      return undefined;
    }
    try {
      const bytes = bytesOfStored(stored);
      const cached = bytes && decodeValue(bytes, { maxBytes: sizeOf(length) });
      if (!isSignals(cached, length, layers)) throw new Error('it holds no signals of these closes');
      emitMemoryEvent('hit', { service: SERVICE, key, bytes: bytes?.byteLength ?? 0 });
      return cached;
    } catch (error) {
      emitMemoryEvent('corrupt', { service: SERVICE, key, error });
      return undefined;
    }
  }

  /** Never throws: a run does not fail because its result could not be stored. */
  async set(key: string, signals: AtcSignals): Promise<void> {
    try {
      const bytes = encodeValue({ ...signals }, { level: this.#level });
      await this.#store.set(key, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      const bytesBefore = signals.averageSignal.byteLength * (signals.layer1 ? 1 + 2 * ATC_FAMILIES.length : 1);
      emitMemoryEvent('write', { service: SERVICE, key, bytesBefore, bytesAfter: bytes.byteLength });
    } catch (error) {
      // A wrong level is the caller's mistake, not the store's.
      if (isAtcError(error, 'ARGUMENT')) throw error;
      emitMemoryEvent('fallback', { service: SERVICE, key, reason: `not stored: ${messageOf(error)}` });
    }
  }
}

/** Thirteen arrays at most, and their names. */
function sizeOf(length: number): number {
  return (1 + 2 * ATC_FAMILIES.length) * 8 * length + 65_536;
}

function directoryStore(directory: string): Pick<CacheStore, 'get' | 'set'> {
  // The bytes are compressed already.
  const entries = new EntryDirectory({ directory, mode: false, legacy: false });
  return {
    get: async (key) => (await entries.get(key))?.value,
    set: (key, value) => entries.set(key, value),
  };
}

/** Stores of JSON text hand out a Buffer as `{ type, data }`. */
function bytesOfStored(stored: unknown): Uint8Array | undefined {
  const { type, data } = stored as { type?: unknown; data?: unknown };
  if (type === 'Buffer' && Array.isArray(data)) return Uint8Array.from(data as number[]);
  return Object.prototype.toString.call(stored) === '[object Uint8Array]' ? (stored as Uint8Array) : undefined;
}

const KERNELS: readonly AtcKernel[] = ['wasm', 'typescript', 'reference'];

function isSignals(value: unknown, length: number, layers: boolean): value is AtcSignals {
  if (typeof value !== 'object' || value === null) return false;
  const { averageSignal, kernel, layer1, layer2 } = value as Partial<AtcSignals>;
  const isColumn = (column: unknown) => isFloat64Array(column) && column.length === length;
  const isLayer = (rows: FamilyRows | undefined) => ATC_FAMILIES.every((family) => isColumn(rows?.[family]));
  if (!isColumn(averageSignal) || !KERNELS.includes(kernel as AtcKernel)) return false;
  return layers ? isLayer(layer1) && isLayer(layer2) : layer1 === undefined && layer2 === undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error || isAtcError(error) ? error.message : String(error);
}
