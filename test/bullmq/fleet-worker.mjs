// A worker as a process of its own, with locks that run out soon. Prints its events; SIGTERM drains.
import { createWorker } from '../../dist/esm/bullmq.js';

const starting = createWorker({
  ...JSON.parse(process.argv[2]),
  onEvent: ({ kind, jobId = '', reason = '' }) => console.log(`${kind} ${jobId} ${reason}`),
});
// Before the worker stands: its first job may have started by then.
process.once('SIGTERM', async () => {
  await (await starting).close();
  process.exit(0);
});
const worker = await starting;
if (worker.metricsUrl !== undefined) console.log(`figures at ${worker.metricsUrl}`);
console.log('ready');
