// A worker as a process of its own, with locks that run out soon. Prints its events; SIGTERM drains.
import { createWorker } from '../../dist/esm/bullmq.js';

const worker = await createWorker({
  ...JSON.parse(process.argv[2]),
  onEvent: ({ kind, jobId = '', reason = '' }) => console.log(`${kind} ${jobId} ${reason}`),
});
process.once('SIGTERM', async () => {
  await worker.close();
  process.exit(0);
});
if (worker.metricsUrl !== undefined) console.log(`figures at ${worker.metricsUrl}`);
console.log('ready');
