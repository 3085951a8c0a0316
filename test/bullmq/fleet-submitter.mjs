// A submitter as a process of its own: study and options as JSON.
import { runDistributed } from '../../dist/esm/bullmq.js';

const result = await runDistributed(JSON.parse(process.argv[2]), {
  ...JSON.parse(process.argv[3]),
  onProgress: ({ share }) => console.log(`share ${share}`),
});
console.log(`finished ${result.length}`);
