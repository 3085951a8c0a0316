// What the machine itself allows: the same arithmetic on one thread and on several at once. No memory, no files, no
// garbage; what is missing to the number of threads is what cores share, or what else runs.
import { Worker } from 'node:worker_threads';

/** Twelve independent chains keep the units of a core busy, so that two threads on one core would show. */
const PROGRAM = `
const { parentPort, workerData } = require('node:worker_threads');
function spin(turns) {
  let a = 0.1, b = 0.2, c = 0.3, d = 0.4, e = 0.5, f = 0.6, g = 0.7, h = 0.8, i = 0.9, j = 1, k = 1.1, l = 1.2;
  for (let n = 0; n < turns; n++) {
    a = a * 0.999 + 0.1; b = b * 0.998 + 0.1; c = c * 0.997 + 0.1; d = d * 0.996 + 0.1;
    e = e * 0.995 + 0.1; f = f * 0.994 + 0.1; g = g * 0.993 + 0.1; h = h * 0.992 + 0.1;
    i = i * 0.991 + 0.1; j = j * 0.99 + 0.1; k = k * 0.989 + 0.1; l = l * 0.988 + 0.1;
  }
  return a + b + c + d + e + f + g + h + i + j + k + l;
}
spin(1e6);
parentPort.on('message', () => parentPort.postMessage(spin(workerData)));
parentPort.postMessage('ready');
`;

const TURNS = 2e8;

const answer = (worker) => new Promise((resolve) => worker.once('message', resolve));

async function seconds(threads) {
  const workers = Array.from({ length: threads }, () => new Worker(PROGRAM, { eval: true, workerData: TURNS }));
  await Promise.all(workers.map(answer));
  const started = performance.now();
  await Promise.all(
    workers.map((worker) => {
      const done = answer(worker);
      worker.postMessage('go');
      return done;
    }),
  );
  const elapsed = (performance.now() - started) / 1000;
  await Promise.all(workers.map((worker) => worker.terminate()));
  return elapsed;
}

/** How many times as much `threads` threads do as one does, at this moment. */
export async function spinGain(threads) {
  const one = await seconds(1);
  return (threads * one) / (await seconds(threads));
}
