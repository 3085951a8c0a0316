// A submitter as a process of its own: source, study or strategy, and options as JSON.
import { runDistributed } from '../../dist/esm/bullmq.js';

const [source, work, options] = process.argv.slice(2).map((text) => JSON.parse(text));
const onProgress = (progress) => console.log(`progress ${JSON.stringify(progress)}`);
await runDistributed(source, work, { ...options, onProgress });
console.log('finished');
