/**
 * Opens the segments of a dataset directory; keeps the files open that were used last, and those whose views are still
 * out.
 */
import path from 'node:path';
import { AtcError } from '../errors.js';
import { refuseLinks } from '../io/own-path.js';
import type { MappingBackendChoice } from '../io/select-backend.js';
import { isFrameSegment, type Segment, type SymbolEntry } from './catalogue.js';
import { MappedSource } from './mapped-source.js';
import { type ClosableSource, openSource, PackedSource } from './packed-source.js';
import type { SegmentSource } from './segment-source.js';
import type { AsOf } from './versions/version-name.js';

/** A mapped segment has one descriptor per column; the limit of a process is often 1,024. */
const MAX_OPEN = 64;

/** How the files of a dataset are opened. */
export interface OpenDatasetOptions {
  /** How mapped files are opened, default `auto`. */
  readonly backend?: MappingBackendChoice;
  /** Packed layout: read the compressed bytes through a map instead of reading the file. Default false. */
  readonly mapPacked?: boolean;
  /**
   * A version that stays, which cannot be changed: the name of a snapshot, the number of a generation, or a time (a
   * Date, UTC ms, or text such as `2024-01-31T12:00Z`) for the retained version that was in force then. Default: the
   * current one.
   */
  readonly asOf?: AsOf;
}

export class OpenSegments {
  readonly #sources = new Map<string, SegmentSource>();
  /** Files of many frames that are open, and for how many of those. */
  readonly #shared = new Map<string, { readonly source: ClosableSource; users: number }>();
  #latest = '';
  #closed = false;
  readonly #directory: string;
  readonly #options: Omit<OpenDatasetOptions, 'asOf'>;

  constructor(directory: string, options: Omit<OpenDatasetOptions, 'asOf'>) {
    this.#directory = directory;
    this.#options = options;
  }

  /** `key` distinguishes segments, slices of one file included. Asking counts as using. */
  get(entry: SymbolEntry, segment: Segment, key: string): SegmentSource {
    const found = this.#sources.get(key);
    if (found !== undefined && key === this.#latest) return found;
    const source = found ?? this.#open(entry, segment);
    // The map keeps insertion order: the front is what was not asked for longest.
    if (key !== this.#latest) this.#sources.get(this.#latest)?.rest();
    this.#sources.delete(key);
    this.#sources.set(key, source);
    this.#latest = key;
    if (this.#sources.size > MAX_OPEN) this.#releaseIdle(source);
    return source;
  }

  close(): void {
    this.#closed = true;
    for (const source of this.#sources.values()) source.release();
    this.#sources.clear();
  }

  requireOpen(): void {
    if (!this.#closed) return;
    throw new AtcError('CLOSED', `the dataset ${this.#directory} is closed; open it again to use it`, {
      path: this.#directory,
    });
  }

  #open(entry: SymbolEntry, segment: Segment): SegmentSource {
    this.requireOpen();
    const { backend = 'auto', mapPacked = false } = this.#options;
    const full = path.join(this.#directory, segment.path);
    const packedBackend = mapPacked ? backend : undefined;
    if (segment.byteLength !== undefined) {
      return new PackedSource(full, entry.columns, segment, () => this.#openShared(segment.path, full, packedBackend));
    }
    refuseLinks(this.#directory, segment.path);
    if (!isFrameSegment(segment)) return new MappedSource(full, entry.columns, segment, backend);
    return new PackedSource(full, entry.columns, segment, () => openSource(full, packedBackend));
  }

  /** The frames of ten thousand symbols lie in a few files: each is opened once. */
  #openShared(relative: string, full: string, backend: MappingBackendChoice | undefined): ClosableSource {
    let shared = this.#shared.get(full);
    if (shared === undefined) {
      refuseLinks(this.#directory, relative);
      shared = { source: openSource(full, backend), users: 0 };
      this.#shared.set(full, shared);
    }
    const { source } = shared;
    shared.users += 1;
    let isOpen = true;
    const close = () => {
      if (!isOpen) return;
      isOpen = false;
      shared.users -= 1;
      if (shared.users > 0) return;
      this.#shared.delete(full);
      source.close();
    };
    return { ...source, close };
  }

  #releaseIdle(inUse: SegmentSource): void {
    for (const [key, candidate] of this.#sources) {
      if (candidate === inUse || candidate.pinned) continue;
      candidate.release();
      this.#sources.delete(key);
      return;
    }
  }
}
