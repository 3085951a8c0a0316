import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { runAtc, temporaryFolder } from './run-atc.js';

const folder = temporaryFolder();

interface Case {
  readonly name: string;
  readonly files?: Record<string, string | Uint8Array>;
  readonly args: readonly string[];
  readonly code: number;
  readonly message: RegExp;
  readonly env?: Record<string, string>;
}

const HEAD = 'timestamp,open,high,low,close\n';
const CASES: readonly Case[] = [
  {
    name: 'missing file',
    args: ['backtest', 'nowhere.csv'],
    code: 1,
    message: /^atc: cannot inspect nowhere\.csv: no such file/,
  },
  {
    name: 'empty file',
    files: { 'a.csv': '' },
    args: ['import', 'a.csv', '--out', 'o'],
    code: 1,
    message: /^atc: a\.csv: the file is empty/,
  },
  {
    name: 'a directory that is no dataset',
    args: ['backtest', '.'],
    code: 1,
    message: /^atc: \. is neither a dataset nor a folder with files of market data/,
  },
  {
    name: 'missing column',
    files: { 'a.csv': 'timestamp,open\n1,2\n' },
    args: ['backtest', 'a.csv'],
    code: 1,
    message: /^atc: a\.csv: line 1, column "close": no column "close" in the header/,
  },
  {
    name: 'text in a number column',
    files: { 'a.csv': `${HEAD}1,1,1,1,1\n2,1,1,high,1\n` },
    args: ['import', 'a.csv', '--out', 'o'],
    code: 1,
    message: /^atc: a\.csv: line 3, column "low": "high" is not a number\n$/,
  },
  {
    name: 'timestamps in mixed order',
    files: { 'a.csv': `${HEAD}1700000060,1,1,1,1\n1700000000,1,1,1,1\n1700000120,1,1,1,1\n` },
    args: ['import', 'a.csv', '--out', 'o', '--packed'],
    code: 1,
    message: /^atc: a\.csv: line 3, column "timestamp": a: the timestamp 2023-11-14T22:13:20\.000Z comes after /,
  },
  {
    name: 'different rows at one time',
    files: { 'a.csv': `${HEAD}1700000060,1,1,1,1\n1700000060,1,1,1,2\n` },
    args: ['backtest', 'a.csv', '--compress'],
    code: 1,
    message: /line 3, column "timestamp": a: the time 2023-11-14T22:14:20\.000Z is there twice/,
  },
  {
    name: 'not UTF-8',
    files: { 'a.csv': Buffer.from('timestamp,close,note\n1,2,caf\u00e9\n', 'latin1') },
    args: ['backtest', 'a.csv'],
    code: 1,
    message: /^atc: a\.csv: the file is not UTF-8 text; .*--encoding/,
  },
  {
    name: 'a damaged gzip file',
    files: { 'a.csv.gz': gzipSync(`${HEAD}1,1,1,1,1\n`).subarray(0, 30) },
    args: ['backtest', 'a.csv.gz'],
    code: 1,
    message: /^atc: a\.csv\.gz is not a whole gzip file/,
  },
  {
    name: 'unknown config key',
    files: { 'atc.config.json': '{ "useCompresion": true }' },
    args: ['config'],
    code: 2,
    message: /atc\.config\.json.*"?useCompresion"?.*"?useCompression"?/s,
  },
  {
    name: 'level 12 in the config',
    files: { 'atc.config.json': '{ "compressionLevel": 12 }' },
    args: ['config'],
    code: 2,
    message: /compressionLevel.*12/s,
  },
  {
    name: 'level 12 as a flag',
    args: ['backtest', 'x', '--level', '12'],
    code: 2,
    message: /'12' is invalid.*from 0 to 9/,
  },
  {
    name: 'level 12 in the environment',
    args: ['config'],
    env: { ATC_COMPRESSION_LEVEL: '12' },
    code: 2,
    message: /ATC_COMPRESSION_LEVEL.*12/s,
  },
  { name: 'unknown command', args: ['backtset'], code: 2, message: /unknown command 'backtset'.*backtest/s },
  { name: 'unknown flag', args: ['backtest', 'x', '--mmpa'], code: 2, message: /unknown option '--mmpa'.*--mmap/s },
  { name: 'no source', args: ['backtest'], code: 2, message: /missing required argument/ },
  { name: 'no --out', args: ['import', 'a.csv'], code: 2, message: /required option '--out/ },
  {
    name: 'an output that exists',
    files: { 'a.csv': `${HEAD}1,1,1,1,1\n`, 'o/keep.txt': 'mine' },
    args: ['import', 'a.csv', '--out', 'o'],
    code: 1,
    message: /o: it exists already/,
  },
  {
    name: 'info on something else',
    files: { 'a.txt': 'hello' },
    args: ['info', 'a.txt'],
    code: 1,
    message: /a\.txt is neither a dataset, nor a frame/,
  },
  {
    name: 'verify on something else',
    files: { 'a.txt': 'hello' },
    args: ['verify', 'a.txt'],
    code: 1,
    message: /a\.txt is not a frame/,
  },
];

test.each(CASES)(
  '$name: one clear message, the right exit code, nothing half-written',
  async ({ files = {}, args, code, message, env }) => {
    const cwd = path.join(folder.path, String(Math.random()).slice(2));
    mkdirSync(cwd);
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(cwd, name)), { recursive: true });
      writeFileSync(path.join(cwd, name), text);
    }
    const before = readdirSync(cwd, { recursive: true }).sort();
    const outcome = await runAtc(args, { cwd, env });
    expect(outcome.stderr).toMatch(message);
    expect(outcome.stderr).not.toMatch(/ {4}at /);
    expect(outcome.stdout).toBe('');
    expect(outcome.code).toBe(code);
    const left = readdirSync(cwd, { recursive: true })
      .sort()
      .filter((name) => !String(name).startsWith('.cache'));
    expect(left).toEqual(before);
  },
);
