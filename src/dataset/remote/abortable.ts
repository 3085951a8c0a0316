/** Waiting for something that others wait for too: a caller that gives up does not stop it. */
export async function unlessAborted<T>(awaited: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return awaited;
  signal.throwIfAborted();
  let stop = () => {};
  const aborted = new Promise<never>((_, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    stop = () => signal.removeEventListener('abort', onAbort);
  });
  try {
    return await Promise.race([awaited, aborted]);
  } finally {
    stop();
  }
}

/** A promise that is made when it is first asked for, and again after it has failed. */
export class Once<T> {
  #made: Promise<T> | undefined;
  readonly #make: () => Promise<T>;

  constructor(make: () => Promise<T>) {
    this.#make = make;
  }

  get(signal?: AbortSignal): Promise<T> {
    this.#made ??= this.#make().catch((error) => {
      this.#made = undefined;
      throw error;
    });
    // Where everybody gives up, nobody is left to hear of a failure.
    this.#made.catch(() => undefined);
    return unlessAborted(this.#made, signal);
  }
}
