/** What a backtest is, as the submitter and every worker have to find it. */
import { AtcError, type Dataset, type Strategy } from 'atc-memory';
import { snapshotIdOf } from 'atc-memory/sweep';

/** Raised with every change of what a block of symbols returns for the same history. */
const BLOCK_VERSION = 1;

interface Costs {
  readonly fee?: number;
  readonly slippage?: number;
}

/** Plain JSON. */
export function identityOf(
  dataset: Dataset,
  { name, version = 1, minimumRows = 1, columns }: Strategy<unknown>,
  { fee = 0, slippage = 0 }: Costs,
): Readonly<Record<string, unknown>> {
  return {
    snapshot: snapshotIdOf(dataset),
    strategy: name,
    strategyVersion: version,
    minimumRows,
    columns: [...columns],
    costs: { fee, slippage },
    block: BLOCK_VERSION,
  };
}

/** @throws AtcError ARGUMENT naming the first thing that differs. */
export function requireIdentity(
  expected: Readonly<Record<string, unknown>>,
  found: Readonly<Record<string, unknown>>,
): void {
  for (const key of Object.keys(expected)) {
    const [should, is] = [expected[key], found[key]].map((value) => JSON.stringify(value));
    if (should === is) continue;
    const message = `this is not the run that was asked for: ${key} should be ${should}, it is ${is}`;
    throw new AtcError('ARGUMENT', message, { key });
  }
}
