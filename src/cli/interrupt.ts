/** Ctrl-C and a polite kill, as an AbortSignal: work ends between two blocks and cleans up after itself. */

let controller: AbortController | undefined;

/** One signal per process; a second Ctrl-C ends the process at once. */
export function interruptSignal(): AbortSignal {
  if (controller === undefined) {
    controller = new AbortController();
    const own = controller;
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      process.once(name, () => own.abort());
    }
  }
  return controller.signal;
}
