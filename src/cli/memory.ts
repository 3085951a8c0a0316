/** Peak memory of this process, as the operating system counted it. */
import { spawnSync } from 'node:child_process';
import { readProcessStatus } from '../io/process-status.js';

/**
 * Bytes. Linux: VmHWM, the largest resident set this program ever had (ru_maxrss would include what the parent had
 * before exec). Elsewhere: maxRSS of getrusage.
 */
export function peakMemoryBytes(): number {
  const highWater = /^VmHWM:\s+(\d+) kB$/m.exec(readProcessStatus() ?? '');
  return (highWater === null ? process.resourceUsage().maxRSS : Number(highWater[1])) * 1024;
}

/** The same of a Node process that does nothing; 0 where that cannot be started. */
export function emptyProcessBytes(): number {
  const program = `let text = '';
    try { text = require('node:fs').readFileSync('/proc/self/status', 'utf8'); } catch {}
    console.log(/^VmHWM:\\s+(\\d+) kB$/m.exec(text)?.[1] ?? process.resourceUsage().maxRSS);`;
  const { stdout } = spawnSync(process.execPath, [...process.execArgv, '-e', program], { encoding: 'utf8' });
  return (Number(stdout) || 0) * 1024;
}
