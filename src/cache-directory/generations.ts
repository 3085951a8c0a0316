/**
 * A directory whose content is replaced as a whole while others read it: immutable generations `g1`, `g2`, … and the
 * file `current`, which names one of them and is renamed into place last. Readers hold a lease, so that their
 * generation is not removed under them. Building is single-flight between processes: one builds, the others wait and
 * read what it built; the lock of a dead one does not count.
 */
import { existsSync, readFileSync, statSync, utimesSync } from 'node:fs';
import path from 'node:path';
import { crc32c } from '../codec/crc32c.js';
import { AtcError, isAtcError } from '../errors.js';
import { DirectoryWriter } from '../io/atomic-directory.js';
import { writeFileAtomicSync } from '../io/atomic-file.js';
import type { Durability } from '../io/durability.js';
import { attempt, systemCode, unappliedError } from '../io/io-error.js';
import { discard, generationPath, leasedGenerations, removeUnleased, takeLease, withDoomed } from '../io/leases.js';
import { isLocked, LockWait, type ProcessLock, tryLock, waitTurn } from '../io/process-lock.js';
import { publish } from '../io/publish.js';
import { namesIn, sweepTemporaries, sweepTraces } from '../io/temporary.js';

/** A generation in use. It stays on the disk until release, or until this process ends. */
export interface GenerationLease {
  readonly generation: number;
  /** Its directory. */
  readonly path: string;
  /** Idempotent. */
  release(): void;
}

export interface ObtainOptions {
  /** Whether an existing generation will do; it is leased while it is looked at. Default: any will. */
  readonly isFresh?: (directory: string) => boolean | Promise<boolean>;
  /** Writes a new generation into the (empty) directory. Throwing leaves everything as it was. */
  readonly build: (directory: string) => void | Promise<void>;
  /** Default 'power'. */
  readonly durability?: Durability;
  readonly signal?: AbortSignal;
}

const POINTER = 'current';
const BUILD_LOCK = 'build';
const GENERATION = /^g(\d+)$/;

export class Generations {
  readonly directory: string;

  /** Touches nothing: the directory is created by the first build. */
  constructor(directory: string) {
    this.directory = directory;
  }

  /** The number of the current generation; undefined when there is none. CORRUPT when the pointer is not a number. */
  current(): number | undefined {
    const pointer = path.join(this.directory, POINTER);
    const text = attempt('read', pointer, () => {
      try {
        return readFileSync(pointer, 'utf8');
      } catch (error) {
        if (systemCode(error) === 'ENOENT') return undefined;
        throw error;
      }
    });
    if (text === undefined) return undefined;
    const number = /^([1-9]\d{0,14}) [0-9a-f]{8}\n$/.exec(text)?.[1];
    if (number !== undefined && text === pointerTo(Number(number))) return Number(number);
    throw new AtcError(
      'CORRUPT',
      `${pointer} does not name a generation; remove ${this.directory} to have it built again`,
      {
        path: pointer,
        offset: 0,
      },
    );
  }

  /**
   * A lease on the current generation that does not count as use: for reports, which must not decide what is removed.
   */
  inspect(): GenerationLease | undefined {
    return this.#lease(undefined);
  }

  /** A lease on the current generation, or on the one of that number; undefined when there is none. */
  acquire(generation?: number): GenerationLease | undefined {
    const lease = this.#lease(generation);
    if (lease !== undefined) this.#markUsed();
    return lease;
  }

  #lease(generation: number | undefined): GenerationLease | undefined {
    for (;;) {
      const wanted = generation ?? this.current();
      if (wanted === undefined) return undefined;
      const end = takeLease(this.directory, wanted);
      if (end !== undefined) {
        return { generation: wanted, path: generationPath(this.directory, wanted), release: end };
      }
      // Removed between reading the pointer and leasing: again only when there is a newer one, because this one is not
      // coming back.
      if (generation !== undefined || this.current() === wanted) return undefined;
    }
  }

  /**
   * The current generation if it is fresh; otherwise builds one, or waits for the process that is building one and
   * takes that.
   */
  async obtain({ isFresh = () => true, build, durability, signal }: ObtainOptions): Promise<GenerationLease> {
    const waiting = new LockWait(this.directory, BUILD_LOCK);
    for (let attempts = 0; ; attempts++) {
      signal?.throwIfAborted();
      const found = await this.#fresh(isFresh);
      if (found !== undefined) {
        sweepTraces(this.directory);
        return found;
      }
      const lock = tryLock(this.directory, BUILD_LOCK);
      if (lock === undefined) {
        waiting.report();
        await waitTurn(attempts, signal);
        continue;
      }
      try {
        // The process that held the lock before may have built just what is wanted.
        return (await this.#fresh(isFresh)) ?? (await this.#publish(lock, build, durability));
      } finally {
        lock.release();
      }
    }
  }

  /**
   * Builds a new generation without waiting, for callers that must not: undefined while somebody else builds one. A
   * damaged pointer is replaced.
   */
  tryReplace(build: (directory: string) => void, durability?: Durability): GenerationLease | undefined {
    const lock = tryLock(this.directory, BUILD_LOCK);
    if (lock === undefined) return undefined;
    try {
      const writer = this.#nextWriter(durability);
      try {
        build(writer.temporary);
      } catch (error) {
        writer.abort();
        throw unappliedError(error);
      }
      return this.#show(lock, writer, durability);
    } finally {
      lock.release();
    }
  }

  /** Builds a new generation whether or not there is one; waits for its turn. */
  replace(options: Omit<ObtainOptions, 'isFresh'>): Promise<GenerationLease> {
    return this.obtain({ ...options, isFresh: () => false });
  }

  async #fresh(isFresh: NonNullable<ObtainOptions['isFresh']>): Promise<GenerationLease | undefined> {
    const lease = this.acquire();
    if (lease === undefined) return undefined;
    try {
      if (await isFresh(lease.path)) return lease;
    } catch (error) {
      lease.release();
      throw error;
    }
    lease.release();
    return undefined;
  }

  /** True while a living process builds here or reads any generation. */
  inUse(): boolean {
    return isLocked(this.directory, BUILD_LOCK) || leasedGenerations(this.directory).size > 0;
  }

  /** True when there is a pointer and something that it may point to: the directory is one of generations. */
  exists(): boolean {
    return this.lastUsedMs() > 0 && this.#numbers().length > 0;
  }

  /** When it was last built or leased, in ms since 1970; 0 when there is nothing. */
  lastUsedMs(): number {
    return modifiedMs(path.join(this.directory, POINTER));
  }

  /** Removes the whole directory; false, and nothing is touched, while somebody uses it. */
  remove(): boolean {
    if (!existsSync(this.directory)) return true;
    const lock = tryLock(this.directory, BUILD_LOCK);
    if (lock === undefined) return false;
    try {
      return withDoomed(this.directory, this.#numbers(), () => discard(this.directory));
    } finally {
      lock.release();
    }
  }

  /**
   * Removes what nobody needs: older generations without a reader, and what dead processes left. Returns the numbers
   * removed.
   */
  collect(): number[] {
    sweepTemporaries(this.directory);
    return this.#collectOlder();
  }

  /** The same, as the paths of all that was removed. */
  sweep(): string[] {
    const unfinished = sweepTemporaries(this.directory);
    return [...unfinished, ...this.#collectOlder().map((n) => generationPath(this.directory, n))];
  }

  #collectOlder(): number[] {
    const current = this.#currentOrNone();
    const leased = leasedGenerations(this.directory);
    return this.#numbers().filter((n) => n < current && !leased.has(n) && removeUnleased(this.directory, n));
  }

  /** Only under the build lock. */
  async #publish(lock: ProcessLock, build: ObtainOptions['build'], durability?: Durability): Promise<GenerationLease> {
    const writer = this.#nextWriter(durability);
    try {
      await build(writer.temporary);
    } catch (error) {
      writer.abort();
      throw unappliedError(error);
    }
    return this.#show(lock, writer, durability);
  }

  #nextWriter(durability: Durability = 'power'): DirectoryWriter {
    const next = Math.max(0, this.#currentOrNone(), ...this.#numbers()) + 1;
    return new DirectoryWriter(generationPath(this.directory, next), { durability });
  }

  /** Commits what was built and points to it. */
  #show(lock: ProcessLock, writer: DirectoryWriter, durability: Durability = 'power'): GenerationLease {
    const generation = Number(GENERATION.exec(path.basename(writer.path))?.[1]);
    let release: (() => void) | undefined;
    try {
      publish({
        directory: this.directory,
        lock,
        generation,
        writer,
        // Leased before the pointer shows it to anybody who might replace it in turn.
        beforeShown: () => {
          release = takeLease(this.directory, generation);
        },
        show: () => writeFileAtomicSync(path.join(this.directory, POINTER), pointerTo(generation), { durability }),
        shown: () => this.#currentOrNone(),
        collect: () => this.collect(),
      });
    } catch (error) {
      release?.();
      throw error;
    }
    return { generation, path: writer.path, release: release ?? (() => undefined) };
  }

  #currentOrNone(): number {
    try {
      return this.current() ?? 0;
    } catch (error) {
      if (isAtcError(error, 'CORRUPT')) return 0;
      throw error;
    }
  }

  #numbers(): number[] {
    return namesIn(this.directory)
      .map((name) => Number(GENERATION.exec(name)?.[1] ?? 0))
      .filter((number) => number > 0);
  }

  /** The pointer's modification time says when the directory was last used; who may not write does not count. */
  #markUsed(): void {
    const now = Date.now() / 1000;
    try {
      utimesSync(path.join(this.directory, POINTER), now, now);
    } catch {
      // Read-only for us, or removed meanwhile: only the order of removal is at stake.
    }
  }
}

/** A damaged pointer must not name another generation, so it carries a checksum of its number. */
function pointerTo(generation: number): string {
  const checksum = crc32c(new TextEncoder().encode(`${generation}`));
  return `${generation} ${checksum.toString(16).padStart(8, '0')}\n`;
}

function modifiedMs(file: string): number {
  return attempt('inspect', file, () => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
}
