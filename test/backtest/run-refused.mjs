// Runs a strategy that fails in every thread, again and again: node run-refused.mjs DATASET TIMES.
// Whatever is thrown outside of the run ends the process.
import { openDataset, runBacktest } from 'atc-memory';
import { refuseAll } from './worker-strategies.mjs';

const [directory, times] = process.argv.slice(2);
const dataset = await openDataset(directory);
const codes = [];
for (let run = 0; run < Number(times); run += 1) {
  await runBacktest(dataset, refuseAll(), { workers: 3 }).catch((error) => codes.push(error.code));
}
dataset.close();
process.stdout.write(codes.join(' '));
