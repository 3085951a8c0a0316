/**
 * Values on their way into a file: whatever shape they come in, they leave as bytes of one dtype, a bounded number at a
 * time.
 */
import { bytesOf, createArray, type Dtype, dtypeOf, isTypedArray, type TypedArrayOf } from '../dtype.js';
import { AtcError } from '../errors.js';

/** What an iterable of values may yield: one element (bigint for the 64-bit integers), or a chunk of them. */
export type ArrayPiece = number | bigint | ArrayLike<number | bigint>;
/** What can fill an array: an array-like, or an iterable or async iterable of numbers or of chunks of them. */
export type ArrayValues = ArrayLike<number | bigint> | Iterable<ArrayPiece> | AsyncIterable<ArrayPiece>;

/** Elements that are converted at a time: 256 KiB of float64. */
const STAGE_ELEMENTS = 32 * 1024;

/**
 * Feeds `write` with the values as bytes, in order, in batches that are valid during the call only; returns how many
 * elements there were.
 */
export async function streamElements(
  values: ArrayValues,
  dtype: Dtype,
  write: (bytes: Uint8Array) => void,
  signal?: AbortSignal,
): Promise<number> {
  const stage = new ElementStage(dtype, write);
  if (isTypedArray(values)) {
    stage.pushAll(values as ArrayLike<number | bigint>);
  } else if (isIterable(values)) {
    for (const batch of values) {
      // One check per chunk; for single numbers the stage is small enough that it costs nothing to go on to its end.
      if (typeof batch === 'object') signal?.throwIfAborted();
      stage.pushBatch(batch);
    }
  } else if (isAsyncIterable(values)) {
    for await (const batch of values) {
      signal?.throwIfAborted();
      stage.pushBatch(batch);
    }
  } else if (isArrayLike(values)) {
    stage.pushAll(values);
  } else {
    throw new AtcError(
      'ARGUMENT',
      `values must be an array or an iterable of numbers or chunks, got ${describe(values)}`,
    );
  }
  stage.flush();
  return stage.count;
}

class ElementStage<D extends Dtype> {
  /** Elements taken so far. */
  count = 0;
  readonly #dtype: D;
  readonly #write: (bytes: Uint8Array) => void;
  readonly #store: (into: TypedArrayOf[D], index: number, value: unknown) => boolean;
  readonly #elements: TypedArrayOf[D];
  #held = 0;

  constructor(dtype: D, write: (bytes: Uint8Array) => void) {
    this.#dtype = dtype;
    this.#write = write;
    this.#store = storeElement(dtype);
    this.#elements = createArray(dtype, STAGE_ELEMENTS);
  }

  pushBatch(batch: ArrayPiece): void {
    if (typeof batch === 'number' || typeof batch === 'bigint') this.push(batch);
    else if (isArrayLike(batch)) this.pushAll(batch);
    else
      throw new AtcError('ARGUMENT', `value ${this.count} is ${describe(batch)}, not a number or a chunk of numbers`);
  }

  push(value: unknown): void {
    if (!this.#store(this.#elements, this.#held, value)) throw unfit(this.#dtype, this.count, value);
    this.count += 1;
    this.#held += 1;
    if (this.#held === STAGE_ELEMENTS) this.flush();
  }

  pushAll(chunk: ArrayLike<number | bigint>): void {
    if (dtypeOf(chunk) === this.#dtype) {
      this.flush();
      this.#write(bytesOf(chunk as unknown as ArrayBufferView));
      this.count += chunk.length;
      return;
    }
    for (let index = 0; index < chunk.length; index++) this.push(chunk[index]);
  }

  flush(): void {
    if (this.#held > 0) this.#write(bytesOf(this.#elements.subarray(0, this.#held)));
    this.#held = 0;
  }
}

/**
 * Stores one value and returns whether it is still the same value there. float32 rounds, it was asked for; numbers that
 * overflow it, integers that do not fit, and numbers for 64-bit integers beyond 2^53, are refused: a wrapped or
 * infinite price is worse than an error.
 */
export function storeElement<D extends Dtype>(
  dtype: D,
): (into: TypedArrayOf[D], index: number, value: unknown) => boolean {
  if (dtype === 'int64' || dtype === 'uint64') {
    return (into, index, value) => {
      if (typeof value !== 'bigint' && !Number.isSafeInteger(value)) return false;
      const wanted = BigInt(value as number | bigint);
      (into as BigInt64Array)[index] = wanted;
      return (into as BigInt64Array)[index] === wanted;
    };
  }
  if (dtype === 'float64' || dtype === 'float32') {
    const mayOverflow = dtype === 'float32';
    return (into, index, value) => {
      if (typeof value !== 'number') return false;
      (into as Float64Array)[index] = value;
      return !mayOverflow || !Number.isFinite(value) || Number.isFinite((into as Float64Array)[index]);
    };
  }
  return (into, index, value) => {
    if (typeof value !== 'number') return false;
    (into as Float64Array)[index] = value;
    return (into as Float64Array)[index] === value;
  };
}

export function unfit(dtype: Dtype, index: number, value: unknown): AtcError {
  const isFloat = dtype === 'float64' || dtype === 'float32';
  const isWide = dtype === 'int64' || dtype === 'uint64';
  const fitting = isWide ? 'a bigint or a whole number' : isFloat ? 'a number' : 'a whole number';
  return new AtcError('ARGUMENT', `value ${index} is ${describe(value)}; ${dtype} takes ${fitting} within its range`);
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.slice(0, 20));
  if (typeof value === 'bigint') return `${value}n`;
  return typeof value === 'object' && value !== null
    ? `an object (${value.constructor?.name ?? 'no class'})`
    : String(value);
}

function isArrayLike(value: unknown): value is ArrayLike<number | bigint> {
  return typeof value === 'object' && value !== null && Number.isSafeInteger((value as { length?: unknown }).length);
}

function isIterable(value: unknown): value is Iterable<ArrayPiece> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<ArrayPiece> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}
