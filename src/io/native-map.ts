/**
 * The one base of the backends that map: a native mapping of the whole file. Everything that could kill the process is
 * checked here: ranges against the size at open, the size again before every window, the mode before every write.
 */
import { AtcError } from '../errors.js';
import { FileBytes, type OpenMode } from './file-bytes.js';
import { hasRoomForMap } from './map-account.js';
import type { MappedFile, MappingBackend, MappingBackendName } from './mapping.js';
import { OpenFile } from './open-file.js';

/** What a native module has to provide. Arguments are checked by the caller; offsets and lengths are in bytes. */
export interface NativeMap {
  readonly pageSize: number;
  /** The longest window that is one ArrayBuffer on this version of Node. */
  readonly maxWindow: number;
  /** A view of mapped memory to hand out; the mapping outlives it. */
  bytes(offset: number, length: number): Uint8Array;
  /** The same for a look that ends before the next call: it does not keep the mapping. */
  peek(offset: number, length: number): Uint8Array;
  /** MADV_DONTNEED over whole pages. */
  discard(offset: number, length: number): void;
  /** MS_SYNC over the whole map. */
  sync(): void;
  /** Unmaps: at once when no view was handed out, else when the last one has been collected. */
  drop(): void;
}

/** A native module, or why there is none. */
export type Loaded<Module> = Module | { readonly reason: string };

/** Protection and sharing by mode, as mmap(2) takes them; the same numbers on Linux, macOS and the BSDs. */
const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
const MAP_PRIVATE = 2;
export const MADV_DONTNEED = 4;

export function protectionOf(mode: OpenMode): number {
  return mode === 'r' ? PROT_READ : PROT_READ | PROT_WRITE;
}

export function sharingOf(mode: OpenMode): number {
  return mode === 'c' ? MAP_PRIVATE : MAP_SHARED;
}

/**
 * A backend of a native module: `load` runs once, when it is first asked for; `map` maps a file that is not empty and
 * in mode `r+` has no holes, and throws UNSUPPORTED where the system refuses.
 */
export function nativeBackend<Module extends object>(
  name: MappingBackendName,
  load: () => Loaded<Module>,
  map: (module: Module, file: OpenFile, mode: OpenMode) => NativeMap,
): MappingBackend {
  let loaded: Loaded<Module> | undefined;
  const backend: MappingBackend = {
    name,
    available() {
      loaded ??= load();
      return 'reason' in loaded ? loaded : true;
    },
    open: (path, mode) => openAndAdopt(backend, path, mode),
    adopt(file, mode) {
      loaded ??= load();
      const { path } = file;
      if ('reason' in loaded) throw new AtcError('UNSUPPORTED', `cannot map ${path}: ${loaded.reason}`, { path });
      // mmap(2) refuses an empty file.
      if (file.atOpen.byteLength === 0) return new NativeMappedFile(name, file, mode, undefined);
      refuseHoles(file, mode);
      if (!hasRoomForMap()) throw tooManyMaps(path);
      return new NativeMappedFile(name, file, mode, map(loaded, file, mode));
    },
  };
  return backend;
}

/** `open` in terms of `adopt`. */
export function openAndAdopt(backend: Pick<MappingBackend, 'adopt'>, path: string, mode: OpenMode): MappedFile {
  const file = new OpenFile(path, mode === 'r+');
  try {
    return backend.adopt(file, mode);
  } catch (error) {
    file.close();
    throw error;
  }
}

/** UNSUPPORTED for a file with holes in `r+`: a write through a map into a hole on a full disk is SIGBUS. */
function refuseHoles(file: OpenFile, mode: OpenMode): void {
  const { byteLength, allocatedBytes } = file.atOpen;
  if (mode !== 'r+' || allocatedBytes >= byteLength) return;
  throw new AtcError(
    'UNSUPPORTED',
    `${file.path} has holes (${allocatedBytes} of ${byteLength} bytes are on the disk), so it cannot be written ` +
      "through a map safely; use the 'read' backend, or copy the file without holes first",
    { path: file.path },
  );
}

function tooManyMaps(path: string): AtcError {
  const text = `cannot map ${path}: this process has mapped half as many files as the system allows (vm.max_map_count)`;
  return new AtcError('UNSUPPORTED', `${text}; close arrays and datasets, and do not hold on to their views`, { path });
}

class NativeMappedFile extends FileBytes implements MappedFile {
  readonly #map: NativeMap | undefined;

  /** Owns the file and the map from here on. */
  constructor(
    readonly backend: MappingBackendName,
    file: OpenFile,
    mode: OpenMode,
    map: NativeMap | undefined,
  ) {
    super(file, mode);
    this.#map = map;
  }

  window(offset: number, length: number): Uint8Array {
    this.checkWindow(offset, length);
    if (length === 0 || this.#map === undefined) return new Uint8Array(0);
    if (length > this.#map.maxWindow) {
      throw new AtcError(
        'UNSUPPORTED',
        `a view of ${length} bytes is too long for one array here (at most ${this.#map.maxWindow}); take it in batches`,
        { path: this.path, offset },
      );
    }
    return this.#map.bytes(offset, length);
  }

  copyInto(offset: number, target: Uint8Array): void {
    this.checkWindow(offset, target.byteLength);
    const { maxWindow = 0 } = this.#map ?? {};
    for (let done = 0; done < target.byteLength; ) {
      const length = Math.min(target.byteLength - done, maxWindow);
      target.set(this.#map!.peek(offset + done, length), done);
      done += length;
    }
  }

  override readInto(offset: number, target: Uint8Array): void {
    // A shared map and pread(2) see the same pages, and pread answers for a truncated file instead of killing the
    // process.
    if (this.mode !== 'c') super.readInto(offset, target);
    else this.copyInto(offset, target);
  }

  override release(offset: number, length: number): void {
    super.release(offset, length);
    // The holder of a window of a private map may have written to it, and DONTNEED would throw that away.
    if (this.mode === 'c' || this.#map === undefined) return;
    const page = this.#map.pageSize;
    const first = Math.ceil(offset / page) * page;
    const reachesEnd = offset + length === this.byteLength;
    const end = reachesEnd ? Math.ceil(this.byteLength / page) * page : Math.floor((offset + length) / page) * page;
    if (end > first) this.#map.discard(first, end - first);
  }

  override flush(): void {
    void this.file.descriptor;
    if (this.mode === 'r+') this.file.sync(() => this.#map?.sync());
  }

  override close(): void {
    if (this.file.closed) return;
    // The pages go now; where views are out, the addresses go with the last of them, so that a forgotten view can never
    // be a crash.
    if (this.byteLength > 0) this.release(0, this.byteLength);
    this.#map?.drop();
    super.close();
  }

  protected override writePrivately(offset: number, bytes: Uint8Array): void {
    this.checkWindow(offset, bytes.byteLength);
    if (bytes.byteLength > 0) this.#map?.peek(offset, bytes.byteLength).set(bytes);
  }
}
