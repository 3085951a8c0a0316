/**
 * An array whose elements live in a file. Indices are flat, in the order of the file (the last axis fastest in C order,
 * the first in Fortran order); `at` and `set` take a list of indices too. What is read in bulk (`slice`, `windows`)
 * goes through read(2) and cannot be hurt by anyone; `at`, `set` and `view` touch the map itself, where a file that
 * someone else truncates kills the process (SIGBUS).
 */
import { requireKnownOptions } from '../arguments.js';
import { bytesOf, createArray, type Dtype, type ElementOf, itemSize, type TypedArrayOf, viewAs } from '../dtype.js';
import { AtcError, shown } from '../errors.js';
import type { MapMode, MappedFile, MappingBackendName } from '../io/mapping.js';
import { OpenFile } from '../io/open-file.js';
import type { ArrayLayout } from './array-file.js';
import { type ArrayValues, storeElement, streamElements, unfit } from './element-stream.js';
import { clampedRange, flatIndex } from './flat-index.js';
import { type ArrayOrder, elementCount } from './npy-header.js';
import { encodeNpyHeader } from './npy-header-writer.js';

/**
 * Of the map, taken at once for single elements; a file of several GiB is more than one typed array can hold on Node
 * 20.
 */
const REGION_BYTES = 2 ** 30;
/** The same where regions are read: one page. */
const READ_REGION_BYTES = 4096;
/** Default size of a window: large enough that system calls vanish, small enough for the processor's second cache. */
const WINDOW_BYTES = 2 ** 20;

// Node 20's own typings know Symbol.dispose; a runtime without it gets a name nobody asks for.
const DISPOSE: typeof Symbol.dispose = Symbol.dispose ?? (Symbol.for('Symbol.dispose') as typeof Symbol.dispose);

/** How to open the file again after it has grown. */
export type Reopen = (path: string) => MappedFile;

/**
 * An n-dimensional array over a file, outside the heap where a mapping module loads. Close it; what is called
 * afterwards throws CLOSED.
 */
export class MemoryMappedArray<D extends Dtype = Dtype> {
  /** The file, as it was given. */
  readonly path: string;
  /** Of one element. */
  readonly dtype: D;
  /** 'r' cannot be written, 'r+' and 'w+' write the file, 'c' a private copy. */
  readonly mode: MapMode;
  /** The order in which `at`, `slice` and `view` count the elements: as they lie in the file. */
  readonly order: ArrayOrder;
  #file: MappedFile;
  #layout: ArrayLayout<D>;
  readonly #reopen: Reopen;
  readonly #store: ReturnType<typeof storeElement<D>>;
  /** Elements [#regionStart, #regionStart + #region.length), for `at` and `set`. */
  #region: TypedArrayOf[D];
  #regionStart = 0;

  /** @internal Arrays are made by createMemoryMappedArray and loadMemoryMappedArray. */
  constructor(file: MappedFile, layout: ArrayLayout<D>, mode: MapMode, reopen: Reopen) {
    if (typeof layout?.dtype !== 'string') {
      throw new AtcError('ARGUMENT', 'arrays are made by createMemoryMappedArray and loadMemoryMappedArray');
    }
    this.path = file.path;
    this.dtype = layout.dtype;
    this.order = layout.order;
    this.mode = mode;
    this.#file = file;
    this.#layout = layout;
    this.#reopen = reopen;
    this.#store = storeElement(layout.dtype);
    this.#region = createArray(layout.dtype, 0);
  }

  /** Elements along each axis; `append` makes the slowest longer: the first in C order, the last in Fortran order. */
  get shape(): readonly number[] {
    return this.#layout.shape;
  }

  /** Number of elements, over all axes. */
  get length(): number {
    return elementCount(this.#layout.shape);
  }

  /** Bytes of the elements. */
  get byteLength(): number {
    return this.length * itemSize(this.dtype);
  }

  /** What is in use; 'read' means that the file is read, not mapped. */
  get backend(): MappingBackendName {
    return this.#file.backend;
  }

  /**
   * One element, by flat index (negative: from the end) or by one index per axis; undefined outside. bigint for 64-bit
   * integers.
   */
  at(index: number | readonly number[]): ElementOf<D> | undefined {
    const i = flatIndex(index, this.#layout, this.length);
    const local = i - this.#regionStart;
    if (local >= 0 && local < this.#region.length) return this.#region[local] as ElementOf<D>;
    if (!(i >= 0 && i < this.length)) {
      this.#checkOpen();
      return undefined;
    }
    this.#takeRegion(i);
    return this.#region[i - this.#regionStart] as ElementOf<D>;
  }

  /**
   * Changes one element: the file in `r+` and `w+` (durable after flush), private memory in `c`. ARGUMENT outside or
   * unfit.
   */
  set(index: number | readonly number[], value: ElementOf<D>): void {
    const i = flatIndex(index, this.#layout, this.length);
    this.#checkOpen();
    if (this.mode === 'r') this.#file.write(0, new Uint8Array(0));
    if (!(i >= 0 && i < this.length)) {
      throw new AtcError(
        'ARGUMENT',
        `index ${Array.isArray(index) ? index.map(shown).join(', ') : shown(index)} is not within ${this.path}, ` +
          `which has ${this.length} elements`,
      );
    }
    const one = createArray(this.dtype, 1);
    if (!this.#store(one, 0, value)) throw unfit(this.dtype, i, value);
    if (this.backend === 'read') {
      this.#file.write(this.#byteOffset(i), bytesOf(one));
      // What `at` has in hand is a copy of the old page.
      this.#region = createArray(this.dtype, 0);
      return;
    }
    this.#takeRegion(i);
    this.#region[i - this.#regionStart] = one[0];
  }

  /** A copy of elements [from, to); negative indices count from the end, as in Array.prototype.slice. */
  slice(from?: number, to?: number): TypedArrayOf[D] {
    const [start, end] = clampedRange(this.length, from, to);
    this.#checkOpen();
    const copy = createArray(this.dtype, end - start);
    this.#file.readInto(this.#byteOffset(start), bytesOf(copy));
    return copy;
  }

  /**
   * Elements [from, to) in place, without a copy: the map itself. DANGER: in mode `r` a write into it kills the process
   * (SIGSEGV), and so does reading it after someone else has truncated the file (SIGBUS); mode `c` is for code that is
   * not trusted. It is for use until close; posting it to a worker copies it. With backend `read` it is a copy, and in
   * `r+` UNSUPPORTED, because writes would be lost.
   */
  view(from?: number, to?: number): TypedArrayOf[D] {
    const [start, end] = clampedRange(this.length, from, to);
    this.#checkOpen();
    if (this.backend === 'read' && (this.mode === 'r+' || this.mode === 'w+')) {
      throw new AtcError(
        'UNSUPPORTED',
        `a writable view of ${this.path} needs a map, and the backend in use is 'read'; use set(), or install koffi`,
        { path: this.path },
      );
    }
    const bytes = this.#file.window(this.#byteOffset(start), (end - start) * itemSize(this.dtype));
    return viewAs(this.dtype, bytes.buffer, bytes.byteOffset, end - start);
  }

  /**
   * All elements in order, `rows` rows at a time (default about 1 MiB), in one reused array that is valid until the
   * next window: memory stays at one window. A row is one step of the slowest axis, the first in C order, the last in
   * Fortran order.
   */
  *windows(rows?: number): Generator<TypedArrayOf[D], void> {
    this.#checkOpen();
    const { length } = this;
    const rowLength = this.#rowLength();
    const count = rows ?? Math.max(1, Math.floor(WINDOW_BYTES / Math.max(1, rowLength * itemSize(this.dtype))));
    if (!Number.isSafeInteger(count) || count < 1) {
      throw new AtcError('ARGUMENT', `rows must be a whole number of at least 1, got ${shown(rows)}`);
    }
    if (length === 0) return;
    const window = createArray(this.dtype, Math.min(length, count * rowLength));
    for (let start = 0; start < length; start += window.length) {
      const part = window.subarray(0, Math.min(window.length, length - start)) as TypedArrayOf[D];
      this.#file.readInto(this.#byteOffset(start), bytesOf(part));
      yield part;
    }
  }

  /**
   * Adds whole rows at the end (modes `r+` and `w+`): elements first, then the header, so that a killed process leaves
   * the old array. Views taken before still show the old length. On the disk after flush. A raw file has no header that
   * states where the array ends: what a failed or killed append has written stays behind its end, so open it with its
   * shape.
   */
  async append(values: ArrayValues, options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.#checkOpen();
    requireKnownOptions(options, ['signal'], 'append');
    const { format, version, shape, order, dataOffset } = this.#layout;
    if (this.mode === 'r' || this.mode === 'c') {
      throw new AtcError('READ_ONLY', `append changes ${this.path}; open it with mode 'r+'`, { path: this.path });
    }
    if (shape.length === 0) {
      throw new AtcError('UNSUPPORTED', `${this.path} is a single number without axes; nothing can be appended`);
    }
    const end = dataOffset + this.byteLength;
    const rowLength = this.#rowLength();
    const file = new OpenFile(this.path, true);
    try {
      this.#checkSame(file.atOpen.identity);
      let at = end;
      const count = await streamElements(
        values,
        this.dtype,
        (bytes) => {
          file.extend(at, bytes);
          at += bytes.byteLength;
        },
        options.signal,
      );
      if (rowLength === 0 ? count > 0 : count % rowLength !== 0) {
        throw new AtcError(
          'ARGUMENT',
          `${count} values are not whole rows of ${rowLength} elements; the array is as it was`,
        );
      }
      const axis = order === 'F' ? shape.length - 1 : 0;
      const grown = shape.map((extent, i) => (i === axis && rowLength > 0 ? extent + count / rowLength : extent));
      if (format === 'npy') {
        const room = { version: version as 1 | 2 | 3, dataOffset };
        file.write(0, encodeNpyHeader({ dtype: this.dtype, shape: grown, order }, room));
      }
      this.#switchTo(this.#reopen(this.path), { ...this.#layout, shape: grown });
    } finally {
      file.close();
    }
  }

  /** Returns when every change is on the disk. */
  flush(): void {
    this.#file.flush();
  }

  /** Idempotent. Afterwards every use throws CLOSED; `flush` before it when changes must survive a power cut. */
  close(): void {
    this.#region = createArray(this.dtype, 0);
    this.#file.close();
  }

  /** The same as `close`, for `using`. */
  [DISPOSE](): void {
    this.close();
  }

  #switchTo(file: MappedFile, layout: ArrayLayout<D>): void {
    const old = this.#file;
    if (file.identity !== old.identity) {
      file.close();
      this.#checkSame('');
    }
    this.#region = createArray(this.dtype, 0);
    this.#file = file;
    this.#layout = layout;
    old.close();
  }

  #checkSame(identity: string): void {
    if (identity === this.#file.identity) return;
    throw new AtcError('IO', `${this.path} has been replaced by another file since it was opened; open it again`, {
      path: this.path,
    });
  }

  #checkOpen(): void {
    this.#file.release(0, 0);
  }

  /** Elements in one step of the slowest axis. */
  #rowLength(): number {
    const { shape, order } = this.#layout;
    return elementCount(order === 'F' ? shape.slice(0, -1) : shape.slice(1));
  }

  #byteOffset(element: number): number {
    return this.#layout.dataOffset + element * itemSize(this.dtype);
  }

  #takeRegion(i: number): void {
    const local = i - this.#regionStart;
    if (local >= 0 && local < this.#region.length) return;
    const reads = this.backend === 'read';
    const step = (reads ? READ_REGION_BYTES : REGION_BYTES) / itemSize(this.dtype);
    const start = Math.floor(i / step) * step;
    const end = Math.min(start + step, this.length);
    this.#region = reads ? this.slice(start, end) : this.view(start, end);
    this.#regionStart = start;
  }
}
