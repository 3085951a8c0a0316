/** What every section works with: the history, a scratch directory, and jobs in turns. */

import { type JobOutcome, runJob } from './fresh-process.js';
import type { BenchHistory } from './history.js';
import type { SectionName } from './section-names.js';
import type { UserTree } from './user-tree.js';

export interface BenchContext {
  /** Little history and few runs: to see that it works, and the order of things. */
  readonly isQuick: boolean;
  /** Runs of every way. */
  readonly rounds: number;
  readonly history: BenchHistory;
  /** A directory that is removed at the end. */
  readonly work: string;
  /** Packages that the user has installed. */
  readonly tree: UserTree;
  /** Printed on stderr while it runs. */
  progress(text: string): void;
}

export interface Contender {
  readonly name: string;
  readonly job: string;
  readonly input: object;
}

/**
 * All outcomes by contender. In every round each contender runs once: what the machine does besides hits all of them.
 */
export async function inTurns<Value>(
  context: BenchContext,
  section: SectionName,
  contenders: readonly Contender[],
  rounds = context.rounds,
): Promise<Map<string, JobOutcome<Value>[]>> {
  const outcomes = new Map<string, JobOutcome<Value>[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 1; round <= rounds; round += 1) {
    for (const { name, job, input } of contenders) {
      context.progress(`${section}: ${name}, run ${round} of ${rounds}`);
      outcomes.get(name)?.push(await runJob<Value>(section, job, input));
    }
  }
  return outcomes;
}
