// `npm start [-- FILE.csv …]`: the main job, four ways over the user's files or the S&P 500 history that ships with the sources.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const args = process.argv.slice(2);
const named = args.some((argument) => !argument.startsWith('-'));
const sources = named ? [] : [path.join(root, 'examples/data/sp500-2000.csv')];
const main = path.join(root, 'dist/esm/cli.js');
const run = spawnSync(process.execPath, [main, 'backtest', ...sources, '--compare', ...args], { stdio: 'inherit' });
if (run.error) throw run.error;
process.exitCode = run.status ?? 1;
