/**
 * What a person sees: help of one line a command, messages that fit the width of the terminal and are one
 * line elsewhere.
 */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { MAIN, runAtc, temporaryFolder } from './run-atc.js';

const folder = temporaryFolder();
/** Every file of a command, by its name. */
const COMMANDS = readdirSync('src/cli/commands').map((file) => path.basename(file, '.ts'));

/** util-linux's `script` gives a command a terminal. */
const hasScript = spawnSync('script', ['--version'], { stdio: 'ignore' }).status === 0;
if (!hasScript) console.warn('the command script (util-linux) is not here: messages on a terminal are not tested');
const onTerminal = hasScript ? test : test.skip;

test('atc --help names every command, each in one line', async () => {
  const { stdout, code } = await runAtc(['--help'], { cwd: folder.path });
  const lines = stdout.trimEnd().split('\n');
  // Eight lines of usage and options, then the heading of the commands.
  expect(lines).toHaveLength(9 + COMMANDS.length);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command} {2,}\\S`, 'm'));
  expect(code).toBe(0);
});

test('the README names every command', () => {
  const page = readFileSync('README.md', 'utf8');
  expect(COMMANDS.filter((command) => !page.includes(`\`atc ${command}\``))).toEqual([]);
});

test.each(COMMANDS)('atc %s --help is 80 wide', async (command) => {
  const { stdout } = await runAtc([command, '--help'], { cwd: folder.path });
  expect(stdout).toMatch(new RegExp(`^Usage: atc ${command} `));
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test('without a terminal a message is one line without colours', async () => {
  const { stderr } = await runAtc(['scan', 'nowhere.csv'], { cwd: folder.path });
  expect(stderr).toMatch(/^atc: cannot (open|inspect) nowhere\.csv: .* \(ENOENT\)\n$/);
});

onTerminal.each([
  ['scan nowhere.csv', 'nowhere.csv: no such file or directory;'],
  ['bench --only nothing', "atc: option '--only <sections>' argument 'nothing' is invalid."],
])('on a terminal 60 wide, atc %s is wrapped between words', (args, begin) => {
  const command = `stty cols 60; ${process.execPath} ${MAIN} ${args}`;
  const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], { cwd: folder.path, encoding: 'utf8' });
  const lines = stdout.replaceAll('\r', '').trimEnd().split('\n');
  expect(lines.length).toBeGreaterThan(1);
  expect(lines.filter((line) => line.length > 60)).toEqual([]);
  expect(lines.map((line) => line.trim()).join(' ')).toContain(begin);
});
