/** `atc sql`: one statement of SQL over a dataset, by DuckDB. */
import { Command } from 'commander';
import { openDatasetSync } from '../../dataset/open.js';
import { queryDataset } from '../../dataset/sql/query.js';
import { AtcError } from '../../errors.js';
import { interruptSignal } from '../interrupt.js';
import { asOfOption } from '../options.js';
import { printRows } from '../sql-output.js';

interface SqlFlags {
  readonly table?: string;
  readonly asOf?: string;
  readonly numbers?: boolean;
  readonly json?: boolean;
  readonly csv?: boolean;
}

export function sqlCommand(): Command {
  return new Command('sql')
    .description('run a statement of SQL over a dataset, through DuckDB')
    .argument('<dataset>', 'the dataset: a table "candles" with symbol, timestamp and all its columns')
    .argument('<statement>', 'such as "select symbol, max(close) from candles group by symbol"')
    .option('--table <name>', 'name of the table, default candles')
    .option('--numbers', 'timestamps as UTC ms instead of TIMESTAMP')
    .addOption(asOfOption())
    .option('--json', 'print the rows as a JSON array of objects')
    .option('--csv', 'print the rows as CSV')
    .action(async (directory: string, sql: string, flags: SqlFlags) => {
      if (flags.json === true && flags.csv === true) {
        throw new AtcError('ARGUMENT', 'give --json or --csv, not both');
      }
      const dataset = openDatasetSync(directory, { asOf: flags.asOf });
      try {
        const format = flags.json === true ? 'json' : flags.csv === true ? 'csv' : 'table';
        const times = flags.numbers === true ? 'numbers' : 'timestamp';
        await queryDataset(dataset, sql, { name: flags.table, times, signal: interruptSignal() }, (result) =>
          printRows(format, result.columns, result.portions()),
        );
      } finally {
        dataset.close();
      }
    });
}
