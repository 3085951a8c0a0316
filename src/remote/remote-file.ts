/** Random access to one file on a server. */
import { AtcError } from '../errors.js';
import { type AnsweredBytes, damaged, type FileIdentity, requireUnchanged } from './answer.js';
import type { RemoteClient } from './client.js';
import type { RemoteLocation } from './location.js';
import { pull, type Receiver, type WantedPart } from './pull.js';

/** A part of a file as it was asked for. */
export interface FilePart {
  readonly bytes: Uint8Array;
  /** Of the whole file; undefined where the server does not say. */
  readonly byteLength: number | undefined;
}

/** Reads parts of a remote file; CORRUPT when it has changed since the first of them. */
export class RemoteFile {
  readonly location: RemoteLocation;
  readonly #client: RemoteClient;
  readonly #maxWholeBytes: number;
  readonly #onWhole: () => void;
  #identity: FileIdentity | undefined;
  /** The first request under way: it shows whether the server knows ranges. */
  #first: Promise<unknown> | undefined;
  /** All of it, where the server knows no ranges. */
  #whole: Uint8Array | undefined;

  /**
   * A server without ranges makes it read the whole file, of `maxWholeBytes` at most; `onWhole` runs when that is in
   * memory.
   */
  constructor(client: RemoteClient, location: RemoteLocation, maxWholeBytes: number, onWhole = () => {}) {
    this.#client = client;
    this.location = location;
    this.#maxWholeBytes = maxWholeBytes;
    this.#onWhole = onWhole;
  }

  /** Memory that the whole file takes, if it had to be read. */
  get heldBytes(): number {
    return this.#whole?.length ?? 0;
  }

  /** Forgets the whole file; it is read again when it is needed. */
  forget(): void {
    this.#whole = undefined;
  }

  /** Bytes [from, to). CORRUPT where the file is shorter. */
  async read(from: number, to: number, signal?: AbortSignal): Promise<Uint8Array> {
    if (from === to) return new Uint8Array(0);
    return (await this.#part({ from, to }, signal)).bytes;
  }

  /** The first `length` bytes, or all of a shorter file. */
  readStart(length: number, signal?: AbortSignal): Promise<FilePart> {
    return this.#part({ from: 0, to: length, isMost: true }, signal);
  }

  /** The last `length` bytes, or all of a shorter file. */
  readEnd(length: number, signal?: AbortSignal): Promise<FilePart> {
    return this.#part({ from: 0, last: length }, signal);
  }

  /** All of it. UNSUPPORTED for more than the bound. */
  async readAll(signal?: AbortSignal): Promise<Uint8Array> {
    return (await this.#part({ from: 0 }, signal)).bytes;
  }

  async #part(wanted: WantedPart, signal: AbortSignal | undefined): Promise<FilePart> {
    // Two requests at once to a server without ranges would each bring the whole file.
    while (this.#first !== undefined) await this.#first.catch(() => undefined);
    if (this.#whole !== undefined) return this.#cut(this.#whole, wanted);
    const collected = new Collected(wanted, this.#identity, this.#maxWholeBytes, this.location.shown);
    const pulled = pull(this.#client, this.location, wanted, collected, signal);
    if (this.#identity === undefined) this.#first = pulled;
    try {
      await pulled;
    } finally {
      if (this.#first === pulled) this.#first = undefined;
    }
    this.#identity = collected.identity;
    const bytes = collected.content();
    const isAll = wanted.from === 0 && wanted.to === undefined && wanted.last === undefined;
    if (!collected.isWhole || isAll) return { bytes, byteLength: collected.identity?.byteLength ?? undefined };
    this.#client.reportNoRanges(this.location);
    this.#whole = bytes;
    this.#onWhole();
    return this.#cut(bytes, wanted);
  }

  #cut(bytes: Uint8Array, { from, to = bytes.length, last, isMost }: WantedPart): FilePart {
    const byteLength = bytes.length;
    if (last !== undefined) return { bytes: bytes.subarray(Math.max(0, byteLength - last)), byteLength };
    if (to <= byteLength || isMost === true) return { bytes: bytes.subarray(from, to), byteLength };
    throw damaged(this.location.shown, `it has ${byteLength} bytes, at least ${to} were written`);
  }
}

/** Bytes that arrive, in memory. */
class Collected implements Receiver {
  identity: FileIdentity | undefined;
  isWhole = false;
  #start = 0;
  #length = 0;
  #parts: Uint8Array[] = [];
  readonly #wanted: WantedPart;
  readonly #maxBytes: number;
  readonly #shown: string;

  constructor(wanted: WantedPart, identity: FileIdentity | undefined, maxWholeBytes: number, shown: string) {
    this.#wanted = wanted;
    this.identity = identity;
    this.#maxBytes = maxWholeBytes;
    this.#shown = shown;
  }

  answered({ from, to, isWhole, identity }: AnsweredBytes): void {
    if (this.identity !== undefined) requireUnchanged(this.identity, identity, this.#shown);
    this.identity ??= identity;
    if (isWhole) {
      this.isWhole = true;
      this.#parts = [];
      this.#length = 0;
    }
    if (this.#length === 0) this.#start = from;
    const { to: end, last } = this.#wanted;
    if (isWhole || (end === undefined && last === undefined)) this.#requireRoom(to ?? 0);
  }

  bytes(bytes: Uint8Array, offset: number): void {
    this.#length = offset - this.#start + bytes.length;
    if (this.isWhole) this.#requireRoom(this.#length);
    this.#parts.push(bytes);
  }

  content(): Uint8Array {
    if (this.#parts.length === 1) return this.#parts[0];
    const joined = new Uint8Array(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }

  #requireRoom(byteLength: number): void {
    if (byteLength <= this.#maxBytes) return;
    const what = `${this.#shown} has ${byteLength} bytes or more, and all of it would have to be in memory`;
    const advice = `use a server that sends ranges, or raise maxWholeBytes (${this.#maxBytes})`;
    throw new AtcError('UNSUPPORTED', `${what}; ${advice}`, { path: this.#shown });
  }
}
