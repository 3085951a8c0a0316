#!/usr/bin/env node
/** The `atc` command: reads the arguments, hands over to one file per command, turns errors into messages and exit codes. */
import { Command, CommanderError } from 'commander';
import { describeError, EXIT, exitCodeOf } from './exit.js';
import { packageVersion } from './version.js';

/** Each in a file that is loaded when it is called for. The order is that of the help. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  init: async () => (await import('./commands/init.js')).initCommand(),
  backtest: async () => (await import('./commands/backtest.js')).backtestCommand(),
  scan: async () => (await import('./commands/scan.js')).scanCommand(),
  import: async () => (await import('./commands/import.js')).importCommand(),
  info: async () => (await import('./commands/info.js')).infoCommand(),
  verify: async () => (await import('./commands/verify.js')).verifyCommand(),
  migrate: async () => (await import('./commands/migrate.js')).migrateCommand(),
  stats: async () => (await import('./commands/stats.js')).statsCommand(),
  clean: async () => (await import('./commands/clean.js')).cleanCommand(),
  bench: async () => (await import('./commands/bench.js')).benchCommand(),
  config: async () => (await import('./commands/config.js')).configCommand(),
  doctor: async () => (await import('./commands/doctor.js')).doctorCommand(),
};

/** With the command that `name` says; with all of them for the help and for a name that is none of them. */
async function createProgram(name: string | undefined): Promise<Command> {
  const program = new Command('atc')
    .description('Market history, memory-mapped and losslessly compressed.')
    .version(packageVersion())
    .showSuggestionAfterError()
    .exitOverride()
    .helpCommand(false)
    // One line a command: its arguments are in its own help.
    .configureHelp({ subcommandTerm: (command) => command.name() });
  if (name === '--version' || name === '-V') return program;
  const wanted = name !== undefined && Object.hasOwn(COMMANDS, name) ? [COMMANDS[name]] : Object.values(COMMANDS);
  for (const load of wanted) program.addCommand((await load()).exitOverride());
  return program;
}

async function main(): Promise<number> {
  try {
    await (await createProgram(process.argv[2])).parseAsync();
    return Number(process.exitCode ?? EXIT.done);
  } catch (error) {
    // Commander has already said what is wrong with the arguments, or printed the help that was asked for.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    process.stderr.write(`atc: ${describeError(error)}\n`);
    return exitCodeOf(error);
  }
}

// Let pending output drain: process.exit() would cut a pipe short.
process.exitCode = await main();
