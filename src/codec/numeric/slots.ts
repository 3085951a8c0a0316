/**
 * Who owns which slot of the arena. Columns of a block share decoded integers through the block's memo, which holds a
 * slot and its generation: a slot that was given away since has another generation, and the column is decoded again.
 */

import type { Kernels } from '../../kernels/kernels.js';
import { SLOT_BYTES, SLOT_COUNT, SLOTS } from '../../kernels/offsets.js';

/** What a memo holds of a decoded column. */
export interface SlotClaim {
  readonly slot: number;
  readonly generation: number;
  readonly wide: boolean;
}

export class SlotPool {
  readonly #generations = new Float64Array(SLOT_COUNT);
  readonly #pins = new Uint8Array(SLOT_COUNT);
  #next = 0;

  /** Takes the least recently taken slot that is not pinned. */
  take(wide: boolean): SlotClaim {
    do this.#next = (this.#next + 1) % SLOT_COUNT;
    while (this.#pins[this.#next] > 0);
    const slot = this.#next;
    this.#generations[slot]++;
    return { slot, generation: this.#generations[slot], wide };
  }

  holds(claim: SlotClaim): boolean {
    return this.#generations[claim.slot] === claim.generation;
  }

  /**
   * A pinned slot is not given away: refs while their column is decoded. Depth is bounded, so some slot is always free.
   */
  pin(claim: SlotClaim): void {
    this.#pins[claim.slot]++;
  }

  unpin(claim: SlotClaim): void {
    this.#pins[claim.slot]--;
  }

  /** Forgets everything, after an encoder used the arena. */
  clear(): void {
    for (let slot = 0; slot < SLOT_COUNT; slot++) this.#generations[slot]++;
  }

  /** Byte offset of a slot in the arena. */
  static offset(claim: SlotClaim): number {
    return SLOTS + claim.slot * SLOT_BYTES;
  }
}

const pools = new WeakMap<Kernels, SlotPool>();

/** The one pool of an arena, for everything that works in it. */
export function slotsOf(kernels: Kernels): SlotPool {
  let pool = pools.get(kernels);
  if (pool === undefined) pools.set(kernels, (pool = new SlotPool()));
  return pool;
}
