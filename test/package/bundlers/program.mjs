// What a program that is bundled may do; each step prints `name ok`, or its name, the code and the message of the
// error.
import { compressPrices, decompressPrices, loadConfigSync, openDataset, writeDataset } from 'atc-memory';
import { backtest, computeAtcSignals } from 'atc-memory/atc';

async function step(name, run) {
  try {
    await run();
    console.log(name, 'ok');
  } catch (error) {
    console.log(name, error.code, error.message);
  }
}
const random = (i) => ((i * 7919) % 1009) / 7;
const columns = (k) => ({
  timestamp: Float64Array.from({ length: 900 }, (_, i) => i * 60_000),
  close: Float64Array.from({ length: 900 }, (_, i) => 9 + (i % 7) + k),
});

export async function run() {
  await step('codec', () => decompressPrices(compressPrices(Float64Array.from({ length: 5000 }, (_, i) => random(i)))));
  await step('zlib', () => {
    const noise = Float64Array.from({ length: 5000 }, () => Math.floor(Math.random() * 16) * 1.1);
    decompressPrices(compressPrices(noise, { level: 9, algorithm: 'zlib' }));
  });
  await step('signals', () => computeAtcSignals(Float64Array.from({ length: 60 }, (_, i) => 9 + i)));
  await step('config', () => loadConfigSync());
  await step('csv', async () => (await writeDataset('csv', 'quoted.csv')).close());
  await step('dataset', async () => {
    (
      await writeDataset(
        'set',
        ['A', 'B'].map((symbol, k) => ({ symbol, columns: columns(k) })),
      )
    ).close();
    (await openDataset('set')).close();
  });
  await step('workers', () => backtest('set', { workers: 2 }));
  await step('one thread', () => backtest('set', { workers: 1 }));
}
run();
