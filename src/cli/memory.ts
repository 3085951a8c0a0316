/** Peak memory of this process, as the operating system counted it. */
import { readProcessStatus } from '../io/process-status.js';

/**
 * Bytes. Linux: VmHWM, the largest resident set this program ever had (ru_maxrss would include what the parent had before
 * exec). Elsewhere: maxRSS of getrusage.
 */
export function peakMemoryBytes(): number {
  const highWater = /^VmHWM:\s+(\d+) kB$/m.exec(readProcessStatus() ?? '');
  return (highWater === null ? process.resourceUsage().maxRSS : Number(highWater[1])) * 1024;
}
