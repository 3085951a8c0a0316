// A submitter as a process of its own: source, study or strategy, and options as JSON. Prints every bit of a backtest.
import { runDistributed } from '../../dist/esm/bullmq.js';
import { encodeValue } from '../../dist/esm/index.js';

const [source, work, options] = process.argv.slice(2).map((text) => JSON.parse(text));
const onProgress = (progress) => console.log(`progress ${JSON.stringify(progress)}`);
const { symbols } = await runDistributed(source, work, { ...options, onProgress });
if (symbols !== undefined) console.log(`symbols ${Buffer.from(encodeValue(symbols)).toString('base64')}`);
console.log('finished');
