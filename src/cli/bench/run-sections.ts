/** Runs the sections that were asked for, one after the other, over one history in one scratch directory. */
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createScratchDirectory, type ScratchDirectory, sweepScratch } from '../../io/scratch.js';

import type { BenchContext } from './context.js';
import { BenchHistory } from './history.js';
import { describeMachine, type Machine } from './machine.js';
import type { SectionName } from './section-names.js';
import { SECTIONS } from './sections.js';
import type { BenchTable } from './table.js';
import { UserTree } from './user-tree.js';

export interface BenchOptions {
  readonly files: readonly string[];
  readonly sections: readonly SectionName[];
  readonly isQuick: boolean;
  progress(text: string): void;
}

export interface SectionResult {
  readonly name: SectionName;
  readonly seconds: number;
  readonly tables: readonly BenchTable[];
  /** Why there is no table. */
  readonly left?: string;
}

export interface BenchResult {
  readonly machine: Machine;
  readonly isQuick: boolean;
  readonly rounds: number;
  readonly history: string;
  readonly sections: readonly SectionResult[];
}

/** Made-up history: what an honest run needs, and what shows within seconds that everything works. */
const SIZES = { full: { symbols: 4, rows: 1_000_000 }, quick: { symbols: 2, rows: 50_000 } } as const;
const ROUNDS = { full: 5, quick: 3 } as const;

export async function runSections({ files, sections, isQuick, progress }: BenchOptions): Promise<BenchResult> {
  const parent = path.join(tmpdir(), 'atc-bench');
  sweepScratch(parent);
  const scratch: ScratchDirectory = createScratchDirectory(parent);
  try {
    const machine = describeMachine();
    const history = new BenchHistory(scratch.path, files, SIZES[isQuick ? 'quick' : 'full']);
    const rounds = ROUNDS[isQuick ? 'quick' : 'full'];
    const tree = new UserTree(process.cwd());
    const context: BenchContext = { isQuick, rounds, history, work: scratch.path, tree, progress };
    progress('preparing the history');
    const described = await history.describe();
    const results: SectionResult[] = [];
    for (const name of sections) {
      progress(`${name}: section ${results.length + 1} of ${sections.length}`);
      const started = performance.now();
      const { section } = await SECTIONS[name]();
      const tables = await section.run(context);
      const seconds = Number(((performance.now() - started) / 1000).toFixed(1));
      const left = tables.length > 0 ? undefined : `${name} is not installed where the command was run`;
      results.push({ name, seconds, tables, left });
    }
    return { machine, isQuick, rounds, history: described, sections: results };
  } finally {
    scratch.dispose();
  }
}
