/** What a section of the benchmark is: tables measured in this process, and jobs that run in processes of their own. */
import type { BenchContext } from './context.js';
import type { Jobs } from './fresh-process.js';
import type { SectionName } from './section-names.js';
import type { BenchTable } from './table.js';

export interface Section {
  readonly name: SectionName;
  run(context: BenchContext): Promise<BenchTable[]>;
}

export interface SectionModule {
  readonly section: Section;
  /** What runs in processes of its own. */
  readonly jobs: Jobs;
}
