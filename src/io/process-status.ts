/** What Linux reports about this process; other systems have no such file. */
import { readFileSync } from 'node:fs';

/** The text of /proc/self/status, or undefined where there is none. */
export function readProcessStatus(): string | undefined {
  try {
    return readFileSync('/proc/self/status', 'utf8');
  } catch {
    return undefined;
  }
}
