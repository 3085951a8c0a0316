/**
 * `atc append`: rows of files that a dataset does not have yet. Given twice, a file changes nothing the second time.
 */
import { Command, Option } from 'commander';
import { updateDataset } from '../../dataset/dataset.js';
import { openDatasetSync } from '../../dataset/open.js';
import { type FileReport, importOptionsOf } from '../../formats/options.js';
import { listFiles } from '../files-read.js';
import { type ImportFlags, withImportOptions } from '../import-options.js';
import { interruptSignal } from '../interrupt.js';
import { keepOption } from '../options.js';
import { printOut } from '../output.js';
import { createProgress } from '../progress.js';
import { formatCount, formatNumber } from '../text.js';

interface AppendFlags extends ImportFlags {
  readonly existing: 'refuse' | 'upsert' | 'skip';
  readonly keep?: number;
  readonly json?: boolean;
}

export function appendCommand(): Command {
  const command = new Command('append')
    .description('add the rows of files that a dataset does not have yet')
    .argument('<dataset>', 'the dataset to add to')
    .argument('<files...>', 'files, folders, patterns or datasets, as atc import takes them')
    .addOption(
      new Option('--existing <how>', 'rows of a time that is there with other values: refuse all, upsert, or skip them')
        .choices(['refuse', 'upsert', 'skip'])
        .default('refuse'),
    )
    .addOption(keepOption())
    .option('--json', 'print the outcome as JSON');
  return withImportOptions(command).action(append);
}

/** All of it or nothing, with the rows before and after as what it has come to. */
async function append(directory: string, files: readonly string[], flags: AppendFlags): Promise<void> {
  const before = contentOf(directory);
  const progress = createProgress('append', 'rows', { quiet: flags.json === true });
  const sources: FileReport[] = [];
  let rowsRead = 0;
  await listFiles({ quiet: flags.json === true }, (onFile) =>
    updateDataset(directory, files.length === 1 ? files[0] : files, {
      ...importOptionsOf(flags),
      existing: flags.existing,
      keep: flags.keep,
      signal: interruptSignal(),
      onRows: (rows, share) => {
        rowsRead = rows;
        progress.update(rows, share);
      },
      onFile: (file) => {
        sources.push(file);
        onFile(file);
      },
    }).finally(progress.stop),
  );
  const after = contentOf(directory);
  const outcome = {
    directory,
    generation: after.generation,
    symbols: after.symbols.length,
    newSymbols: after.symbols.filter((symbol) => !before.symbols.includes(symbol)),
    rows: after.rows,
    rowsRead,
    rowsAdded: after.rows - before.rows,
    sources,
  };
  if (flags.json === true) printOut(JSON.stringify(outcome));
  else printOut(textOf({ ...outcome, oldSymbols: before.symbols }, flags.existing));
}

function contentOf(directory: string) {
  const dataset = openDatasetSync(directory);
  const { generation, symbols } = dataset.catalogue;
  dataset.close();
  return {
    generation,
    symbols: symbols.map(({ symbol }) => symbol),
    rows: symbols.reduce((sum, { rows }) => sum + rows, 0),
  };
}

interface Outcome {
  readonly directory: string;
  readonly newSymbols: readonly string[];
  /** Before the command. */
  readonly oldSymbols: readonly string[];
  /** Of the whole dataset, of the files, and what the dataset has more than before. */
  readonly rows: number;
  readonly rowsRead: number;
  readonly rowsAdded: number;
}

function textOf(
  { directory, newSymbols, oldSymbols, rows, rowsRead, rowsAdded }: Outcome,
  existing: AppendFlags['existing'],
): string {
  const there = rowsRead - rowsAdded;
  const how = { refuse: 'there already', upsert: 'there already, replaced where they differed', skip: 'there already' };
  const parts = [`${formatNumber(rowsAdded, 'row')} added`, `${formatCount(there)} ${how[existing]}`];
  if (newSymbols.length > 0) parts.push(`new: ${newSymbols.join(', ')}`);
  const done = `${directory}: ${parts.join(', ')}; ${formatNumber(rows, 'row')} in all`;
  const plain = (name: string) => name.replace(DATE, '');
  const dated = newSymbols.find((name) => DATE.test(name) && oldSymbols.some((old) => plain(old) === plain(name)));
  if (dated === undefined) return done;
  const whose = oldSymbols.find((old) => plain(old) === plain(dated));
  return `${done}\n${dated} is a symbol of its own, after the name of the file; rows of ${whose} are added with --symbol ${whose}`;
}

/** At the end of a name: `-2024-06-02`, `_20240602`, `-2024-06`. */
const DATE = /[-_. ](?:19|20)\d\d[-_.]?\d\d(?:[-_.]?\d\d)?$/;
