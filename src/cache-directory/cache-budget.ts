/**
 * Keeping a cache directory, whatever kinds of things lie in it, below a size without looking at all of it after every
 * write.
 */
import { ByteBudget } from './byte-budget.js';
import { enforceMaxBytes, listUsage } from './cache-usage.js';

/** One per directory: several services of a process share it. */
const budgets = new Map<string, ByteBudget>();

/** To be called after every write of `writtenBytes` below `directory`. Does nothing without a bound. */
export function boundCache(directory: string, maxBytes: number | false | undefined, writtenBytes: number): void {
  if (maxBytes === undefined || maxBytes === false) return;
  let budget = budgets.get(directory);
  if (budget?.maxBytes !== maxBytes) budgets.set(directory, (budget = new ByteBudget(maxBytes)));
  budget.wrote(writtenBytes);
  if (!budget.isDue) return;
  budget.startLook();
  let present = bytesIn(directory);
  if (present > maxBytes) {
    enforceMaxBytes(directory, budget.lowWater);
    present = bytesIn(directory);
  }
  budget.endLook(present);
}

function bytesIn(directory: string): number {
  return listUsage(directory).reduce(
    (sum, { kind, allocatedBytes }) => sum + (kind === 'other' ? 0 : allocatedBytes),
    0,
  );
}
