// ATC over a dataset on two threads, without a share of the calling one, and on one: node run-many.mjs DATASET. Prints
// both results as JSON.
import { openDataset, runBacktest } from 'atc-memory';
import { atcStrategy } from 'atc-memory/atc';

const dataset = await openDataset(process.argv[2]);
const strategy = { ...atcStrategy(), sharesCallingThread: false };
const results = [];
for (const workers of [2, 1]) results.push(await runBacktest(dataset, strategy, { workers }));
dataset.close();
process.stdout.write(JSON.stringify(results));
