/** A dataset on a server: its catalogue is in memory, of its files the blocks that are asked for are requested. */
import { AtcError } from '../../errors.js';
import { nearestHint } from '../../nearest.js';
import type { RemoteClient, RemoteTraffic } from '../../remote/client.js';
import type { RemoteLocation } from '../../remote/location.js';
import { RemoteFile } from '../../remote/remote-file.js';
import type { DatasetLayout, TableBlock } from '../../table.js';
import { isFrameSegment } from '../catalogue.js';
import { snapshotId } from '../snapshot.js';
import type { ChunkStore } from './chunk-store.js';
import { ColumnSegment } from './column-segment.js';
import { FrameSegment } from './frame-segment.js';
import { type RemoteCatalogue, type RemoteSymbol, readWhole } from './read-catalogue.js';
import { blocksBetween, type RemoteBlockOptions, RemoteTable, requireBlockOptions } from './remote-table.js';
import type { RemoteSegment } from './segment.js';
import { SymbolReader } from './symbol-reader.js';

/** A dataset that is read over the network, in the generation that was current when it was opened. */
export class RemoteDataset {
  /** Where it is, without credentials and query. */
  readonly url: string;
  readonly #client: RemoteClient;
  readonly #location: RemoteLocation;
  readonly #store: ChunkStore;
  readonly #maxWholeBytes: number;
  readonly #files = new Map<string, RemoteFile>();
  readonly #readers = new Map<string, SymbolReader>();
  #catalogue: RemoteCatalogue;
  readonly #readCatalogue: () => Promise<RemoteCatalogue>;
  #isClosed = false;

  /** @internal */
  constructor(
    client: RemoteClient,
    location: RemoteLocation,
    store: ChunkStore,
    catalogue: RemoteCatalogue,
    how: { readonly maxWholeBytes: number; readonly readCatalogue: () => Promise<RemoteCatalogue> },
  ) {
    this.url = location.shown;
    this.#client = client;
    this.#location = location;
    this.#store = store;
    this.#catalogue = catalogue;
    this.#maxWholeBytes = how.maxWholeBytes;
    this.#readCatalogue = how.readCatalogue;
  }

  /** As its catalogue says. */
  get layout(): DatasetLayout {
    return this.#catalogue.layout;
  }

  /** One more with every change to the dataset. */
  get generation(): number {
    return this.#catalogue.generation;
  }

  /** The name of the snapshot that was opened with `asOf`. */
  get snapshotName(): string | undefined {
    return this.#catalogue.name;
  }

  /** Identifies the content, bit by bit: that of the same dataset on a disk. Requests the whole catalogue, once. */
  async snapshotId(): Promise<string> {
    this.#requireOpen();
    const opened = this.#catalogue;
    const whole = opened.whole ?? (await readWhole(this.#client, this.#location, undefined));
    if (whole.generation !== opened.generation) {
      const change = `from generation ${opened.generation} to ${whole.generation}`;
      const what = `${this.url} has changed since it was opened, ${change}`;
      throw new AtcError('IO', `${what}; refresh it first`, { path: this.url });
    }
    if (this.#catalogue === opened) this.#catalogue = { ...opened, whole };
    return snapshotId(whole);
  }

  /** In the order in which they first appeared in the source. */
  get symbols(): readonly string[] {
    return [...this.#catalogue.entries.keys()];
  }

  /** What has been requested so far, the catalogue included. */
  get traffic(): RemoteTraffic {
    return { ...this.#client.traffic };
  }

  /** What the catalogue knows of a symbol. ARGUMENT, with the nearest known name, for one that is not there. */
  entry(symbol: string): RemoteSymbol {
    this.#requireOpen();
    const found = this.#catalogue.entries.get(symbol);
    if (found !== undefined) return found;
    const hint = nearestHint(symbol, this.symbols);
    throw new AtcError('ARGUMENT', `${this.url} has no symbol "${symbol}"${hint}`, { path: this.url });
  }

  /** The history of a symbol; nothing is requested before it is read. ARGUMENT for a symbol that is not there. */
  table(symbol: string): RemoteTable {
    return new RemoteTable(this.#reader(symbol));
  }

  /** The rows of a symbol between two times, a block at a time; the arrays are the caller's own. */
  blocks<Name extends string = string>(
    symbol: string,
    options: RemoteBlockOptions<Name> = {},
  ): AsyncGenerator<TableBlock<Name>> {
    requireBlockOptions(options);
    return blocksBetween(this.#reader(symbol), options);
  }

  /** Takes up what has been published since; true when there was something. A version opened with `asOf` stays. */
  async refresh(): Promise<boolean> {
    this.#requireOpen();
    if (this.#catalogue.isFixed) return false;
    const now = await this.#readCatalogue();
    if (now.generation === this.generation) return false;
    this.#catalogue = now;
    this.#readers.clear();
    this.#files.clear();
    return true;
  }

  /** Gives up requests under way; tables cannot be read any more. */
  close(): void {
    this.#isClosed = true;
    this.#client.close();
    this.#readers.clear();
    this.#files.clear();
  }

  #requireOpen(): void {
    if (!this.#isClosed) return;
    throw new AtcError('CLOSED', `the dataset ${this.url} is closed; open it again to use it`, { path: this.url });
  }

  #reader(symbol: string): SymbolReader {
    const entry = this.entry(symbol);
    let reader = this.#readers.get(symbol);
    if (reader === undefined) {
      reader = new SymbolReader(
        entry,
        entry.segments.map((segment) => this.#segment(entry, segment)),
        this.#store,
      );
      this.#readers.set(symbol, reader);
    }
    return reader;
  }

  #segment({ columns }: RemoteSymbol, segment: RemoteSymbol['segments'][number]): RemoteSegment {
    if (isFrameSegment(segment)) return new FrameSegment(this.#file(segment.path), columns, segment);
    return new ColumnSegment((name) => this.#file(`${segment.path}/${name}`), columns, segment);
  }

  /** One per file, so that its content is known to be the same in every request. */
  #file(relative: string): RemoteFile {
    let file = this.#files.get(relative);
    if (file === undefined) {
      file = new RemoteFile(this.#client, this.#location.file(relative), this.#maxWholeBytes, () => this.#makeRoom());
      this.#files.set(relative, file);
    }
    return file;
  }

  /** Whole files of a server without ranges take so much memory together at most. */
  #makeRoom(): void {
    let held = 0;
    for (const file of [...this.#files.values()].reverse()) {
      held += file.heldBytes;
      if (held > this.#maxWholeBytes) file.forget();
    }
  }
}
