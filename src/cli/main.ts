#!/usr/bin/env node
/** The `atc` command: reads the arguments, hands over to one file per command, turns errors into messages and exit codes. */
import { Command, CommanderError } from 'commander';
import { backtestCommand } from './commands/backtest.js';
import { benchCommand } from './commands/bench.js';
import { cleanCommand } from './commands/clean.js';
import { configCommand } from './commands/config.js';
import { doctorCommand } from './commands/doctor.js';
import { importCommand } from './commands/import.js';
import { infoCommand } from './commands/info.js';
import { initCommand } from './commands/init.js';
import { migrateCommand } from './commands/migrate.js';
import { scanCommand } from './commands/scan.js';
import { verifyCommand } from './commands/verify.js';
import { describeError, EXIT, exitCodeOf } from './exit.js';
import { packageVersion } from './version.js';

function createProgram(): Command {
  const program = new Command('atc')
    .description('Market history, memory-mapped and losslessly compressed.')
    .version(packageVersion())
    .showSuggestionAfterError()
    .exitOverride()
    .helpCommand(false)
    // One line a command: its arguments are in its own help.
    .configureHelp({ subcommandTerm: (command) => command.name() });
  for (const command of [
    initCommand,
    backtestCommand,
    scanCommand,
    importCommand,
    infoCommand,
    verifyCommand,
    migrateCommand,
    cleanCommand,
    benchCommand,
    configCommand,
    doctorCommand,
  ]) {
    program.addCommand(command().exitOverride());
  }
  return program;
}

async function main(): Promise<number> {
  try {
    await createProgram().parseAsync();
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
