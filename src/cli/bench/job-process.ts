/** The child process of the benchmark: runs one job and reports what it took. */
import { peakMemoryBytes } from '../memory.js';
import type { JobReport, Jobs } from './fresh-process.js';
import type { SectionName } from './section-names.js';
import { SECTIONS } from './sections.js';

async function main(section: string, job: string, input: string): Promise<void> {
  const { jobs } = (await SECTIONS[section as SectionName]()) as { readonly jobs: Jobs };
  const given = JSON.parse(input) as never;
  const before = process.cpuUsage();
  const started = performance.now();
  const value = await jobs[job](given);
  const ms = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  const report: JobReport = { value, ms, cpuMs: (user + system) / 1000, peakBytes: peakMemoryBytes() };
  process.send?.(report, () => process.disconnect());
}

const [section, job, input] = process.argv.slice(2);
await main(section, job, input);
