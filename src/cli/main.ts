#!/usr/bin/env node
/**
 * The `atc` command: reads the arguments, hands over to one file per command, turns errors into messages and exit
 * codes.
 */
import { Command, CommanderError } from 'commander';
import { provideNativeCompression } from '../codec/natives.js';
import { loadNativeCompression } from '../io/native-compression.js';
import { describeError, EXIT, exitCodeOf } from './exit.js';
import { printError, watchOutput } from './output.js';
import { wrap } from './text.js';
import { packageVersion } from './version.js';

/** Each in a file that is loaded when it is called for. The order is that of the help. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  init: async () => (await import('./commands/init.js')).initCommand(),
  backtest: async () => (await import('./commands/backtest.js')).backtestCommand(),
  sweep: async () => (await import('./commands/sweep.js')).sweepCommand(),
  worker: async () => (await import('./commands/worker.js')).workerCommand(),
  'walk-forward': async () => (await import('./commands/walk-forward.js')).walkForwardCommand(),
  scan: async () => (await import('./commands/scan.js')).scanCommand(),
  import: async () => (await import('./commands/import.js')).importCommand(),
  fetch: async () => (await import('./commands/fetch.js')).fetchCommand(),
  append: async () => (await import('./commands/append.js')).appendCommand(),
  snapshot: async () => (await import('./commands/snapshot.js')).snapshotCommand(),
  compact: async () => (await import('./commands/compact.js')).compactCommand(),
  sql: async () => (await import('./commands/sql.js')).sqlCommand(),
  export: async () => (await import('./commands/export.js')).exportCommand(),
  check: async () => (await import('./commands/check.js')).checkCommand(),
  info: async () => (await import('./commands/info.js')).infoCommand(),
  verify: async () => (await import('./commands/verify.js')).verifyCommand(),
  migrate: async () => (await import('./commands/migrate.js')).migrateCommand(),
  stats: async () => (await import('./commands/stats.js')).statsCommand(),
  clean: async () => (await import('./commands/clean.js')).cleanCommand(),
  bench: async () => (await import('./commands/bench.js')).benchCommand(),
  config: async () => (await import('./commands/config.js')).configCommand(),
  doctor: async () => (await import('./commands/doctor.js')).doctorCommand(),
};

/** What commander finds wrong is reported as everything else is. */
const OUTPUT = { outputError: (text: string) => complain(text.replace(/^error: /, '')) };

/** With the command of that name; with all of them for the help and for a name that is none of them. */
async function createProgram(name: string | undefined): Promise<Command> {
  const program = new Command('atc')
    .description('Market history, memory-mapped and losslessly compressed.')
    .version(packageVersion())
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput(OUTPUT)
    .helpCommand(false)
    // One line a command: its arguments are in its own help.
    .configureHelp({ subcommandTerm: (command) => command.name() });
  if (name === '--version' || name === '-V') return program;
  const wanted = name !== undefined && Object.hasOwn(COMMANDS, name) ? [COMMANDS[name]] : Object.values(COMMANDS);
  for (const load of wanted) {
    const command = (await load()).exitOverride();
    program.addCommand(command.configureOutput(OUTPUT));
  }
  return program;
}

/** On a terminal in lines that fit it; elsewhere as it is, a line a message, for logs and for `grep`. */
function complain(message: string): void {
  const { isTTY, columns } = process.stderr;
  const lines = `atc: ${message.trimEnd()}`.split('\n');
  const fit = (line: string) => {
    const [indent] = /^ */.exec(line) ?? [''];
    return indent + wrap(line.trim(), (columns || 80) - indent.length - 2).replaceAll('\n', `\n${indent}  `);
  };
  printError((isTTY ? lines.map(fit) : lines).join('\n'));
}

/** `atc help` and `atc help import` are `--help` and `import --help`. */
function argumentsOf(given: readonly string[]): string[] {
  if (given[0] !== 'help') return [...given];
  const name = given[1];
  if (name === undefined || name.startsWith('-')) return ['--help'];
  return Object.hasOwn(COMMANDS, name) ? [name, '--help'] : [name];
}

async function main(given: readonly string[]): Promise<number> {
  try {
    await (await createProgram(given[0])).parseAsync(given, { from: 'user' });
    return Number(process.exitCode ?? EXIT.done);
  } catch (error) {
    // Commander has already printed what is wrong with the arguments, or the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    const message = describeError(error);
    if (message !== undefined) complain(message);
    return exitCodeOf(error);
  }
}

/** What was printed has not arrived, and that is a failure of the command, whatever its work has come to. */
let outputFailed = false;
watchOutput(({ message }) => {
  outputFailed = true;
  complain(`cannot write the output: ${message}`);
  process.exitCode = EXIT.failed;
});
provideNativeCompression(loadNativeCompression);
const code = await main(argumentsOf(process.argv.slice(2)));
// Let pending output drain: process.exit() would cut a pipe short.
process.exitCode = outputFailed ? EXIT.failed : code;
