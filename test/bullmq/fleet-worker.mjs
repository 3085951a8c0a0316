// A worker as a process of its own, with locks that run out soon. Prints its events; SIGTERM drains, a second one does not.
import { createWorker } from '../../dist/esm/bullmq.js';

const starting = createWorker({
  ...JSON.parse(process.argv[2]),
  onEvent: ({ kind, jobId = '', reason = '' }) => console.log(`${kind} ${jobId} ${reason}`),
});
// Before the worker stands: its first job may have started by then. The second signal gives its jobs up.
let signals = 0;
process.on('SIGTERM', async () => {
  signals += 1;
  await (await starting).close({ now: signals > 1 });
  process.exit(0);
});
const worker = await starting;
if (worker.metricsUrl !== undefined) console.log(`figures at ${worker.metricsUrl}`);
console.log('ready');
