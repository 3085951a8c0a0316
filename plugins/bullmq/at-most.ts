/** Waits for what may never come. */
import { setTimeout as wait } from 'node:timers/promises';

/**
 * Whether it is done within `ms`: a Redis that is away may never answer, and what fails is as if it had not. The process
 * stays alive meanwhile, whatever else it waits for.
 */
export async function atMost(ms: number, work: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  const done = work.then(
    () => true,
    () => false,
  );
  const late = wait(ms, false, { signal: timer.signal }).catch(() => false);
  try {
    return await Promise.race([done, late]);
  } finally {
    timer.abort();
  }
}
