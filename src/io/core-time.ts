/** How much of a core a thread gets. */
import { readTextFile } from './path-kind.js';

/**
 * How long the calling thread has run, and waited for a core while it wanted to run, since it started. Linux alone
 * tells; undefined elsewhere.
 */
export function coreTimeOfThread(): { readonly ranMs: number; readonly waitedMs: number } | undefined {
  if (process.platform !== 'linux') return undefined;
  let text: string | undefined;
  try {
    text = readTextFile('/proc/thread-self/schedstat');
  } catch {
    // A container may hide it.
  }
  // Nanoseconds on a core, nanoseconds in the queue for one, turns.
  const [ran, waited] = (text ?? '').split(' ').map(Number);
  return Number.isFinite(ran) && Number.isFinite(waited) ? { ranMs: ran / 1e6, waitedMs: waited / 1e6 } : undefined;
}
