/** Shards computed in memory, sent as bytes, and brought together: the bytes of one run. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describeStudy, StudyPart, type SweepOptions, sweep, sweepPart } from '../../src/sweep/index.js';
import { useWorkspace } from '../io/workspace.js';
import { crossingSweep, sourceOf } from './histories.js';

const workspace = useWorkspace();
let count = 0;
const fresh = () => workspace.at(`part-${count++}`);

const base: SweepOptions = {
  source: sourceOf(3, 400),
  strategy: crossingSweep,
  space: { fast: { type: 'int', from: 2, to: 6 }, slow: { type: 'int', from: 8, to: 40, log: true } },
  objective: 'sharpe',
  sampler: 'random',
  trials: 90,
  seed: 3,
};

const bytesIn = (directory: string) =>
  Object.fromEntries(
    readdirSync(directory).map((name) => [name, readFileSync(path.join(directory, name)).toString('base64')]),
  );

const partsOf = (n: number, options: SweepOptions, from?: number) =>
  Promise.all(Array.from({ length: n }, (_, k) => sweepPart({ ...options, from, shard: { index: k + 1, count: n } })));

test.each([1, 3, 30])('%i parts, merged in any order, have the bytes of one run', async (n) => {
  const [whole, merged] = [fresh(), fresh()];
  await sweep({ ...base, directory: whole });
  const parts = await partsOf(n, base);
  await sweep({ ...base, directory: merged, merge: parts.reverse() });
  expect(bytesIn(merged)).toEqual(bytesIn(whole));
});

test('a part travels through a file; one whose bytes are others is refused with its name', async () => {
  const file = path.join(fresh(), 'one.part');
  const [part] = await partsOf(1, base);
  await part.write(file);
  const read = await StudyPart.read(file, part.sha256);
  expect(Buffer.compare(read.bytes, part.bytes)).toBe(0);
  const bytes = Buffer.from(part.bytes);
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(file, bytes);
  await expect(StudyPart.read(file, part.sha256)).rejects.toMatchObject({ code: 'CORRUPT', path: file });
  const damaged = new StudyPart(bytes);
  await expect(sweep({ ...base, directory: fresh(), merge: [damaged] })).rejects.toMatchObject({ code: 'CORRUPT' });
  await expect(StudyPart.read(`${file}.none`)).rejects.toMatchObject({ code: 'IO' });
});

test('parts extend a finished study', async () => {
  const [whole, extended] = [fresh(), fresh()];
  await sweep({ ...base, directory: whole });
  await sweep({ ...base, trials: 37, directory: extended });
  await sweep({ ...base, directory: extended, merge: await partsOf(4, base, 37) });
  expect(bytesIn(extended)).toEqual(bytesIn(whole));
});

test('what a study must be is compared before a trial runs', async () => {
  const { identity, trials } = await describeStudy(base);
  expect(trials).toBe(90);
  const create = () => {
    throw new Error('a trial has run');
  };
  const strategy = { ...crossingSweep, version: 4, create };
  const shard = { index: 1, count: 2 };
  await expect(sweepPart({ ...base, strategy, identity, shard })).rejects.toMatchObject({
    code: 'ARGUMENT',
    message: expect.stringContaining('strategyVersion should be 3, it is 4'),
  });
  const other = { ...base, source: sourceOf(3, 401) };
  await expect(sweepPart({ ...other, identity, shard })).rejects.toThrow('snapshot should be');
  await expect(sweep({ ...base, identity })).resolves.toMatchObject({ length: 90 });
});

test('parts of another study or cut, of a learning sampler, and impossible shards are refused', async () => {
  const [first] = await partsOf(2, { ...base, seed: 4 });
  await expect(sweep({ ...base, directory: fresh(), merge: [first] })).rejects.toThrow('seed is 3 there, 4 here');
  const [whole] = await partsOf(1, base);
  const [small] = await partsOf(30, base);
  await expect(sweep({ ...base, directory: fresh(), merge: [whole, small] })).rejects.toThrow('cut into units of');
  await expect(sweepPart({ ...base, sampler: 'tpe', shard: { index: 1, count: 1 } })).rejects.toThrow('has no parts');
  await expect(sweepPart({ ...base, shard: { index: 3, count: 2 } })).rejects.toThrow('index from 1 to count');
  const some = (await partsOf(3, base)).slice(1);
  await expect(sweep({ ...base, directory: fresh(), merge: some })).rejects.toThrow('run shard 1 of 3');
});

test('an aborted part stops between two units, whatever the strategy does', async () => {
  const controller = new AbortController();
  let ran = 0;
  const create: typeof crossingSweep.create = (parameters) => {
    if (ran++ === 0) setImmediate(() => controller.abort(new Error('enough')));
    return crossingSweep.create(parameters);
  };
  const options = { ...base, strategy: { ...crossingSweep, create }, signal: controller.signal };
  await expect(sweepPart({ ...options, shard: { index: 1, count: 1 } })).rejects.toThrow('enough');
  const first = ran;
  ran = 1;
  await sweepPart({ ...options, signal: undefined, shard: { index: 1, count: 1 } });
  expect(first).toBeLessThan(ran);
});
