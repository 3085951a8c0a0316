/** Waits for what may never come. */
import { setTimeout as wait } from 'node:timers/promises';

/** A Redis that is away may never answer; what fails is as if it had not. */
export async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  await Promise.race([work.catch(() => undefined), wait(ms, undefined, { ref: false })]);
}
