/** The sections of the benchmark, loaded when they are asked for. */
import type { SectionModule } from './section.js';
import type { SectionName } from './section-names.js';

export const SECTIONS: Readonly<Record<SectionName, () => Promise<SectionModule>>> = {
  memory: () => import('./memory.js'),
  storage: () => import('./storage.js'),
  cpu: () => import('./cpu.js'),
  backtest: () => import('./backtest.js'),
  read: () => import('./read.js'),
  cache: () => import('./cache.js'),
  'backtest-kit': () => import('./backtest-kit.js'),
};
