/** Files that are open at once. Thousands of sets or gets without `await` must not run out of descriptors. */
const MAX_OPEN = 32;

/** At most MAX_OPEN tasks run at once; the others follow in the order they were requested. */
export class Slots {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  async within<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= MAX_OPEN) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      return await work();
    } finally {
      // The slot is handed on, not given back.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }
}

/**
 * Work on one key runs in the order it was requested (an earlier `set` never overwrites a later one); different keys
 * run side by side.
 */
export class KeyQueue {
  readonly #last = new Map<string, Promise<unknown>>();
  readonly #slots = new Slots();

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key);
    const start = () => this.#slots.within(work);
    // Whether the task before it failed concerns only the caller of that task.
    const mine = before === undefined ? start() : before.then(start, start);
    this.#last.set(key, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(key) === mine) this.#last.delete(key);
    }
  }

  /** Resolves when everything requested so far is done. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#last.values()]);
  }
}
