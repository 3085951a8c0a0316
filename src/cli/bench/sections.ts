/** The sections of the benchmark, loaded when they are asked for. */
import type { BenchContext } from './context.js';
import type { Jobs } from './fresh-process.js';
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

/** In the order in which they run. */
export const SECTION_NAMES = ['memory', 'storage', 'cpu', 'backtest', 'read', 'cache', 'backtest-kit'] as const;

export type SectionName = (typeof SECTION_NAMES)[number];

export const SECTIONS: Readonly<Record<SectionName, () => Promise<SectionModule>>> = {
  memory: () => import('./memory.js'),
  storage: () => import('./storage.js'),
  cpu: () => import('./cpu.js'),
  backtest: () => import('./backtest.js'),
  read: () => import('./read.js'),
  cache: () => import('./cache.js'),
  'backtest-kit': () => import('./backtest-kit.js'),
};
