/**
 * What caches and cached history do, published on channels of `node:diagnostics_channel` named `atc-memory:<event>`.
 * The channels are the process's own, so that every copy of the package, ESM or CommonJS, publishes on the same ones,
 * and a monitor needs nothing from us: `diagnostics_channel.subscribe('atc-memory:corrupt', …)`. Without a listener it
 * costs one look-up.
 */
import { type Channel, channel } from 'node:diagnostics_channel';
import { AtcError, shown } from './errors.js';
import { nearestHint } from './nearest.js';

/** Whose value it was. */
export interface MemoryEventPlace {
  /** Id of the service, where it is known. */
  readonly service?: string;
  /** Cache key, or method and digest of a cached result. */
  readonly key?: string;
}

/** What coding a value did to its size. */
export interface MemoryEventSizes {
  /** Bytes of the value as numbers and text, before it was encoded. */
  readonly bytesBefore: number;
  /** Bytes of the entry, or of the files of a cached result. */
  readonly bytesAfter: number;
}

/** Events by name, and what they carry. */
export interface MemoryEvents {
  /** A compressed entry or cached result was served. */
  hit: MemoryEventPlace & {
    /** Bytes of the entry, or of the files of a cached result. */
    readonly bytes: number;
  };
  /** A cached result was not served. */
  miss: MemoryEventPlace & {
    /** Nothing is cached under this key; it is older than `ttlMs`; or its source or version has changed. */
    readonly reason: 'absent' | 'expired' | 'changed';
  };
  /** A value that is no entry of ours was read: written before the feature was on, or not worth compressing. */
  legacy: MemoryEventPlace;
  /** A value was encoded and stored in that form. */
  write: MemoryEventPlace & MemoryEventSizes;
  /** A value or service was left to the host. */
  fallback: MemoryEventPlace & {
    /** Why, in words for a log. */
    readonly reason: string;
  };
  /** Damaged bytes were taken for a miss. */
  corrupt: MemoryEventPlace & {
    /** An AtcError of this or another copy of the package, usually with code CORRUPT. */
    readonly error: unknown;
    /** File that the damaged bytes were moved to; missing where they were not stored. */
    readonly movedTo?: string;
  };
  /** In mode 'verify' what was decoded is not what was put in. */
  difference: MemoryEventPlace & {
    /** The first difference, with its path in the value. */
    readonly reason: string;
  };
  /** In mode 'verify' what was decoded is what was put in. */
  verified: MemoryEventPlace & MemoryEventSizes;
}

/** Names of the events; the channels of node:diagnostics_channel put `atc-memory:` before them. */
export type MemoryEventName = keyof MemoryEvents;

/** Every event; its channel is `atc-memory:` and the name. */
export const MEMORY_EVENTS: readonly MemoryEventName[] = [
  'hit',
  'miss',
  'legacy',
  'write',
  'fallback',
  'corrupt',
  'difference',
  'verified',
];

/**
 * Held for good: Node 20 forgets a channel that was collected only some time later, and with it the one that replaced
 * it, listeners and all.
 */
const channels = new Map<MemoryEventName, Channel>();

function channelOf(name: MemoryEventName): Channel {
  let found = channels.get(name);
  if (found === undefined && !MEMORY_EVENTS.includes(name)) {
    const hint = typeof name === 'string' ? nearestHint(name, MEMORY_EVENTS) : '';
    throw new AtcError('ARGUMENT', `there is no event ${shown(name)}${hint}`);
  }
  if (found === undefined) channels.set(name, (found = channel(`atc-memory:${name}`)));
  return found;
}

/** Calls `listener` for each event of that name in this process; returns the way to stop. A listener must not throw. */
export function onMemoryEvent<Name extends MemoryEventName>(
  name: Name,
  listener: (event: MemoryEvents[Name]) => void,
): () => void {
  if (typeof listener !== 'function') {
    throw new AtcError('ARGUMENT', `the listener of ${shown(name)} must be a function, got ${shown(listener)}`);
  }
  const receive = (message: unknown) => listener(message as MemoryEvents[Name]);
  const target = channelOf(name);
  target.subscribe(receive);
  return () => {
    target.unsubscribe(receive);
  };
}

/** For plugins: publishes on the channel of that name. ARGUMENT for an event that is no object. */
export function emitMemoryEvent<Name extends MemoryEventName>(name: Name, event: MemoryEvents[Name]): void {
  const target = channelOf(name);
  if (typeof event !== 'object' || event === null) {
    throw new AtcError('ARGUMENT', `the event ${shown(name)} must be an object, got ${shown(event)}`);
  }
  if (target.hasSubscribers) target.publish(event);
}
