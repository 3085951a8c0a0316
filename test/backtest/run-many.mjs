// Backtest of a dataset on two threads, and on one: node run-many.mjs DATASET. Prints both results as JSON.
import { backtest } from 'atc-memory/atc';

const [directory] = process.argv.slice(2);
const results = [];
for (const workers of [2, 1]) {
  const { storage: _, ...result } = await backtest(directory, { workers });
  results.push(result);
}
process.stdout.write(JSON.stringify(results));
