/** Files that are open at once. Thousands of sets or gets without `await` must not run out of descriptors. */
const MAX_OPEN = 32;

/** So many pieces of work at once, the others after them in the order they were asked for. */
export class Slots {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  async within<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= MAX_OPEN) await new Promise<void>((resolve) => this.waiting.push(resolve));
    else this.running++;
    try {
      return await work();
    } finally {
      // The slot is handed on, not given back.
      const next = this.waiting.shift();
      if (next === undefined) this.running--;
      else next();
    }
  }
}

/** Work on one key is done in the order it was asked for (a later `set` is not overtaken), work on others side by side. */
export class KeyQueue {
  private readonly last = new Map<string, Promise<unknown>>();
  private readonly slots = new Slots();

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.last.get(key);
    const start = () => this.slots.within(work);
    // What the one before came to is its caller's business.
    const mine = before === undefined ? start() : before.then(start, start);
    this.last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.last.get(key) === mine) this.last.delete(key);
    }
  }

  /** Resolves when everything asked for so far is done. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.last.values()]);
  }
}
