/** Chunks of remote files: requested once, checked, and cached in memory and, where asked for, on disk. */
import type { BoundedFiles } from '../../cache-directory/bounded-files.js';
import { crc32c } from '../../codec/crc32c.js';
import { AtcError, isAtcError } from '../../errors.js';
import { emitMemoryEvent } from '../../events.js';
import type { RemoteClient } from '../../remote/client.js';
import type { RemoteFile } from '../../remote/remote-file.js';
import { unlessAborted } from './abortable.js';
import { ByteLru } from './byte-lru.js';
import { planRanges } from './range-plan.js';

/** Bytes of a remote file that are checked together. */
export interface ChunkAddress {
  readonly file: RemoteFile;
  readonly offset: number;
  readonly length: number;
  /** CRC-32C. */
  readonly checksum: number;
  /** For messages: `column "close", block 3`. */
  readonly what: string;
  readonly column: string;
}

/** How much may be read that nobody asked for, so that fewer requests do. */
export interface GapLimits {
  readonly maxGap: number;
  readonly maxGaps: number;
}

/** Requests under way at a time for one read. */
const PARALLEL = 6;

/** Chunks that are on their way, and how many wait for them. */
interface Flight {
  readonly controller: AbortController;
  readonly keys: readonly string[];
  readonly arrived: Promise<ReadonlyMap<string, Uint8Array>>;
  waiting: number;
}

export class ChunkStore {
  readonly #client: RemoteClient;
  readonly #memory: ByteLru;
  readonly #disk: BoundedFiles | undefined;
  readonly #flights = new Map<string, Flight>();
  /** The disk has refused something, which was reported. */
  #isRefused = false;

  constructor(client: RemoteClient, maxMemoryBytes: number, disk: BoundedFiles | undefined) {
    this.#client = client;
    this.#memory = new ByteLru(maxMemoryBytes);
    this.#disk = disk;
  }

  /**
   * The bytes of chunks, by their addresses. What another read is fetching already is waited for, not requested again.
   *
   * @throws AtcError CORRUPT for a chunk that does not match its checksum; IO where it cannot be fetched.
   */
  async load(
    wanted: readonly ChunkAddress[],
    limits: GapLimits,
    signal?: AbortSignal,
  ): Promise<(address: ChunkAddress) => Uint8Array> {
    signal?.throwIfAborted();
    const found = new Map<string, Uint8Array>();
    const flights = new Set<Flight>();
    const missing = new Map<string, ChunkAddress>();
    for (const address of wanted) {
      const key = keyOf(address);
      const bytes = this.#memory.get(key);
      const flight = this.#flights.get(key);
      if (bytes !== undefined) {
        this.#client.traffic.cached += bytes.length;
        found.set(key, bytes);
      } else if (flight !== undefined) flights.add(flight);
      else missing.set(key, address);
    }
    if (missing.size > 0) flights.add(this.#start(missing, limits));
    await Promise.all(
      [...flights].map(async (flight) => {
        for (const [key, bytes] of await this.#wait(flight, signal)) found.set(key, bytes);
      }),
    );
    return (address) => found.get(keyOf(address))!;
  }

  #start(missing: ReadonlyMap<string, ChunkAddress>, limits: GapLimits): Flight {
    const controller = new AbortController();
    const keys = [...missing.keys()];
    const arrived = this.#fetch(missing, limits, controller.signal).finally(() => this.#forget(flight));
    // The reads that wait get the failure; without one it must not count as unhandled.
    arrived.catch(() => undefined);
    const flight: Flight = { controller, keys, arrived, waiting: 0 };
    for (const key of keys) this.#flights.set(key, flight);
    return flight;
  }

  #forget(flight: Flight): void {
    for (const key of flight.keys) if (this.#flights.get(key) === flight) this.#flights.delete(key);
  }

  /** A caller that gives up does not stop a request that others wait for. */
  async #wait(flight: Flight, signal: AbortSignal | undefined): Promise<ReadonlyMap<string, Uint8Array>> {
    flight.waiting += 1;
    try {
      return await unlessAborted(flight.arrived, signal);
    } finally {
      flight.waiting -= 1;
      if (flight.waiting === 0) {
        this.#forget(flight);
        flight.controller.abort();
      }
    }
  }

  async #fetch(
    missing: ReadonlyMap<string, ChunkAddress>,
    { maxGap, maxGaps }: GapLimits,
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, Uint8Array>> {
    const arrived = new Map<string, Uint8Array>();
    const byFile = new Map<RemoteFile, ChunkAddress[]>();
    for (const [key, address] of missing) {
      const cached = await this.#onDisk(key, address);
      if (cached !== undefined) {
        arrived.set(key, cached);
        continue;
      }
      const ofFile = byFile.get(address.file);
      if (ofFile === undefined) byFile.set(address.file, [address]);
      else ofFile.push(address);
    }
    const ranges = [...byFile].flatMap(([file, addresses]) =>
      planRanges(addresses, maxGap, maxGaps).map((range) => ({ file, ...range })),
    );
    const work = ranges.values();
    const run = async () => {
      for (const { file, from, to, parts } of work) {
        const bytes = await file.read(from, to, signal);
        for (const address of parts) {
          const start = address.offset - from;
          // A copy: the cache must not hold on to what lies between.
          const chunk = bytes.slice(start, start + address.length);
          requireSame(chunk, address);
          const key = keyOf(address);
          arrived.set(key, chunk);
          this.#memory.set(key, chunk);
          await this.#unlessRefused((disk) => disk.put(key, chunk));
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(PARALLEL, ranges.length) }, run));
    return arrived;
  }

  /** What the disk gives back is checked like what the network brings; damaged files are fetched again. */
  async #onDisk(key: string, { length, checksum }: ChunkAddress): Promise<Uint8Array | undefined> {
    const bytes = await this.#unlessRefused((disk) => disk.get(key, length));
    if (bytes === undefined) return undefined;
    if (bytes.length !== length || crc32c(bytes) !== checksum) {
      await this.#unlessRefused((disk) => disk.remove(key));
      return undefined;
    }
    this.#client.traffic.cached += bytes.length;
    this.#memory.set(key, bytes);
    return bytes;
  }

  /** A cache does not fail its reader: the network has what the disk refuses. The first refusal is an event. */
  async #unlessRefused<T>(use: (disk: BoundedFiles) => Promise<T>): Promise<T | undefined> {
    if (this.#disk === undefined) return undefined;
    try {
      return await use(this.#disk);
    } catch (error) {
      if (!isAtcError(error)) throw error;
      if (!this.#isRefused) emitMemoryEvent('fallback', { service: 'remote', reason: error.message });
      this.#isRefused = true;
      return undefined;
    }
  }
}

function keyOf({ file, offset, length, checksum }: ChunkAddress): string {
  return `${file.location.shown}\n${offset}\n${length}\n${checksum}`;
}

function requireSame(bytes: Uint8Array, { file, offset, checksum, what, column }: ChunkAddress): void {
  if (crc32c(bytes) === checksum) return;
  const path = file.location.shown;
  const text = `${what} of ${path} does not match its checksum`;
  throw new AtcError('CORRUPT', `${text} (at byte ${offset}); restore the file on the server`, {
    path,
    offset,
    column,
  });
}
