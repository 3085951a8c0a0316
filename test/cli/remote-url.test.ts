/**
 * The URL of a dataset where files of this machine are needed: one line that says what reads it, never "no such file".
 */

import { checkHistory, openHistory, writeDataset } from 'atc-memory';
import { backtest } from 'atc-memory/atc';
import { runAtc, temporaryFolder } from './run-atc.js';

const folder = temporaryFolder();
const URL_OF_DATASET = 'https://user:secret@127.0.0.1:1/history?token=secret';

test.each([
  ['check'],
  ['backtest'],
  ['scan'],
  ['verify'],
  ['compact'],
  ['import', '--out', 'ds'],
  ['export', '--out', 'x.csv'],
  ['sweep', '--param', 'emaLength=10..12', '--out', 'study'],
  ['walk-forward', '--param', 'emaLength=10..12'],
])('atc %s is UNSUPPORTED for a URL', async (command, ...flags) => {
  const { code, stderr } = await runAtc([command, URL_OF_DATASET, ...flags], { cwd: folder.path });
  expect(stderr).toMatch(/^atc: https:\/\/127\.0\.0\.1:1\/history is not on this machine, .*openDataset.*\n$/);
  expect(stderr).not.toContain('secret');
  expect(code).toBe(1);
});

test.each([
  ['openHistory', () => openHistory(URL_OF_DATASET)],
  ['backtest', () => backtest([URL_OF_DATASET])],
  ['writeDataset', () => writeDataset(`${folder.path}/written`, URL_OF_DATASET)],
  ['checkHistory', () => checkHistory(URL_OF_DATASET)],
])('%s is UNSUPPORTED for a URL', async (_, read: () => Promise<unknown>) => {
  await expect(read()).rejects.toMatchObject({ code: 'UNSUPPORTED', message: expect.stringContaining('dataByHash') });
});
