/** A bounded part of the campaign of damage.mjs, which is run by hand over millions. */
import { spawnSync } from 'node:child_process';

const CASES = process.env.ATC_FUZZ_CASES ?? '6000';

test('damaged frames and files decode to the written bits, throw an AtcError, or are a miss', () => {
  const args = ['test/fuzz/damage.mjs', '--cases', CASES, '--seed', process.env.ATC_FUZZ_SEED ?? '1'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  if (!stdout.startsWith('{')) throw new Error(`the campaign ended early: ${stderr.slice(-2000)}`);
  const { done, counts, problems } = JSON.parse(stdout);
  expect(problems).toEqual([]);
  expect(done).toBe(Number(CASES));
  // Checks the campaign: damage is refused, and right checksums let some of it through to the decoders.
  const verdicts = Object.keys(counts);
  for (const name of ['frame', 'value', 'entry', 'segment', 'catalogue']) {
    expect(verdicts).toContain(`${name} CORRUPT`);
    expect(verdicts).toContain(`${name} forged`);
  }
  for (const name of ['dataset', 'candles', 'entries', 'results']) {
    expect(verdicts.some((verdict) => verdict.startsWith(`${name} `))).toBe(true);
  }
});
