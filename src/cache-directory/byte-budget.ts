/**
 * When to look at a shared directory that must stay below a size. No process knows what the others write, so each
 * counts its own writes and looks when its count says that the bound may be reached, or that it has written a tenth of
 * it since it last looked. P processes can exceed the bound by (P - 1) tenths of it at most until one of them looks.
 */

/** Removal goes on down to this share of the bound, so that not every write has to remove. */
const LOW_WATER = 0.9;
/** Written without a look: the others do not see it before either. */
const LOOK_SHARE = 0.1;

export class ByteBudget {
  /** Bytes there at the last look; undefined before the first one, and while one is under way. */
  #seen: number | undefined;
  /** Bytes this process has written since that look began: they may be in it, or not. */
  #written = 0;

  constructor(readonly maxBytes: number) {}

  /** What a look removes down to. */
  get lowWater(): number {
    return this.maxBytes * LOW_WATER;
  }

  /** Counts a write; `isDue` says whether it is time to look. */
  wrote(byteLength: number): void {
    this.#written += byteLength;
  }

  get isDue(): boolean {
    if (this.#seen === undefined) return true;
    return this.#written > Math.min(this.maxBytes * LOOK_SHARE, this.maxBytes - this.#seen);
  }

  /** A look begins. Should it fail, the next write looks again. */
  startLook(): void {
    this.#seen = undefined;
    this.#written = 0;
  }

  /** The look has found, or left, so many bytes. */
  endLook(byteLength: number): void {
    this.#seen = byteLength;
  }
}
