/**
 * How many maps this process has. A system allows a certain number (Linux: vm.max_map_count, usually 65,530), and a
 * process that reaches it dies in its next allocation. A map whose views the caller may still hold stays until they
 * have been collected, which nothing asks for: views are small objects, however much they map. So closed maps are
 * counted, and a collection is asked for when there are many.
 */
import { readFileSync } from 'node:fs';
import { requireNow } from '../require-now.js';

/**
 * Closed maps with views that are not collected yet: from so many more than after the last collection on, another one
 * is asked for.
 */
const MOST_RETIRED = 1000;
/** The same for the memory of private maps, which nobody can take back. */
const MOST_PRIVATE_BYTES = 256 << 20;
/** Of systems that do not say. */
const USUAL_LIMIT = 65_530;
/** Turns of the event loop that finalizers are waited for. */
const MOST_TURNS = 4;

let maps = 0;
let retired = 0;
let retiredPrivateBytes = 0;
let retiredAfterLast = 0;
let limit: number | undefined;

/** One map of this process, from its creation until it is unmapped. */
export class MapRecord {
  #state: 'open' | 'retired' | 'unmapped' = 'open';
  readonly #privateBytes: number;

  /** `privateBytes`: memory of its own that it may take (copy on write), else 0. */
  constructor(privateBytes: number) {
    this.#privateBytes = privateBytes;

    maps += 1;
  }

  /** It is closed, and views of it may still be in use. */
  retire(): void {
    if (this.#state !== 'open') return;
    this.#state = 'retired';
    retired += 1;
    retiredPrivateBytes += this.#privateBytes;
  }

  /** Idempotent. */
  unmapped(): void {
    if (this.#state === 'unmapped') return;
    if (this.#state === 'retired') {
      retired -= 1;
      retiredAfterLast = Math.min(retiredAfterLast, retired);
      retiredPrivateBytes -= this.#privateBytes;
    }
    this.#state = 'unmapped';
    maps -= 1;
  }
}

/** Before a map is made. False when the process is so near to the limit of the system that it must not map any more. */
export function hasRoomForMap(): boolean {
  if (isCollectionDue()) collect();
  limit ??= Math.floor(systemLimit() / 2);
  return maps < limit;
}

/**
 * To be awaited before opening what may be mapped, so that a loop which never lets the event loop turn does not keep
 * finalizers from running. Undefined when there is nothing to wait for, which is nearly always.
 */
export function settleMaps(): Promise<void> | undefined {
  return isCollectionDue() ? settle() : undefined;
}

async function settle(): Promise<void> {
  collect();
  const before = retired;
  for (let turn = 0; turn < MOST_TURNS && retired >= before; turn += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
  retiredAfterLast = retired;
}

/** Views that are really in use stay after a collection: only more than those are a reason for the next one. */
function isCollectionDue(): boolean {
  return (
    retired - retiredAfterLast >= MOST_RETIRED ||
    (retiredPrivateBytes > MOST_PRIVATE_BYTES && retired > retiredAfterLast)
  );
}

let gc: (() => void) | undefined;

/** A full collection; the finalizers that unmap run at the next turn of the event loop. */
function collect(): void {
  if (gc === undefined) {
    const { setFlagsFromString } = requireNow<typeof import('node:v8')>('node:v8');
    const { runInNewContext } = requireNow<typeof import('node:vm')>('node:vm');
    // The function exists in contexts that are made while the flag is set, and goes on working in them.
    setFlagsFromString('--expose-gc');
    gc = runInNewContext('gc') as () => void;
    if (typeof globalThis.gc !== 'function') setFlagsFromString('--no-expose-gc');
  }
  gc();
  retiredAfterLast = retired;
}

function systemLimit(): number {
  try {
    return Number(readFileSync('/proc/sys/vm/max_map_count', 'latin1')) || USUAL_LIMIT;
  } catch {
    return USUAL_LIMIT;
  }
}
