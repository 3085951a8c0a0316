/** Flags of the commands that read files of others. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { AtcError } from '../errors.js';
import type { ImportOptions } from '../formats/options.js';
import { PRESETS, signsOf } from '../formats/presets.js';
import { zoneOf } from '../formats/time/zones.js';
import { formatTable } from './text.js';

export function withImportOptions(command: Command): Command {
  return command
    .addOption(new Option('--as <preset>', 'whose files they are, where they do not say it (--list shows the names)'))
    .addOption(
      new Option('--timezone <zone>', 'zone of times without one: Europe/Athens, UTC, +02:00').argParser(checkedZone),
    )
    .option('--symbol <name>', 'symbol of rows that name none')
    .option('--columns <names>', 'the columns in order, comma-separated; "-" skips one')
    .addOption(new Option('--decimal <mark>', 'decimal mark; the other one separates thousands').choices(['.', ',']))
    .addOption(new Option('--dates <order>', 'order of dates such as 01/02/24').choices(['mdy', 'dmy', 'ymd']))
    .option('--interval <length>', 'length of a candle, such as 1m, 4h, 1d: makes candles of trades')
    .addOption(
      new Option('--duplicates <which>', 'which of different rows of one time stays').choices(['first', 'last']),
    )
    .option('--from <time>', 'only rows at or after this time (ISO, UTC)')
    .option('--to <time>', 'only rows before this time')
    .addOption(new Option('--encoding <name>', 'encoding of text').choices(['utf-8', 'utf-16le', 'utf-16be', 'latin1']))
    .option('--checksums', 'compare archives with the .CHECKSUM files beside them');
}

/** Usage is checked before anything is read: a wrong zone is exit code 2. */
function checkedZone(name: string): string {
  try {
    zoneOf(name);
    return name;
  } catch (error) {
    if (error instanceof AtcError) throw new InvalidArgumentError(error.message);
    throw error;
  }
}

/** The presets as a table. */
export function listPresets(): string {
  const rows = PRESETS.map((preset) => {
    const { name, title, zone } = preset;
    return [name, title, zone === 'ask' ? '--timezone' : zone, signsOf(preset).join(', ') || '--as'];
  });
  return formatTable(['preset', 'files', 'zone', 'recognised by'], rows);
}

export type ImportFlags = Omit<ImportOptions, 'onFile'>;
