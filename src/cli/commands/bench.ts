/**
 * `atc bench`: memory, storage, processor time and the rest, measured on this machine, with the user's files or
 * made-up ones.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import { writeFileAtomicSync } from '../../io/atomic-file.js';
import { nearestHint } from '../../nearest.js';
import { machineLine } from '../bench/machine.js';
import { textOfTable } from '../bench/render.js';
import type { BenchResult } from '../bench/run-sections.js';
import { SECTION_NAMES, type SectionName } from '../bench/section-names.js';
import { interruptSignal } from '../interrupt.js';
import { printOut } from '../output.js';
import { isPage, requireReportFile } from '../report-file.js';

interface BenchFlags {
  readonly only?: SectionName[];
  readonly quick?: boolean;
  readonly report?: string;
  readonly json?: boolean;
}

export function benchCommand(): Command {
  return new Command('bench')
    .description('measure memory, storage, speed and caches on this machine')
    .argument('[files...]', 'CSV files, or one dataset directory; without them candles are made up')
    .addOption(
      new Option('--only <sections>', `some of: ${SECTION_NAMES.join(', ')}`).argParser((text) => readSections(text)),
    )
    .option('--quick', 'a short run: shows that everything works, its figures are rough')
    .option('--report <file>', 'write the tables to a .json file, or a page with bars to a .html file')
    .option('--json', 'print the tables as JSON')
    .action(async (files: string[], flags: BenchFlags) => {
      if (flags.report !== undefined) requireReportFile(flags.report, ['.json', '.html']);
      interruptSignal();
      const progress = createLine();
      // Loaded here: no other command needs it.
      const { runSections } = await import('../bench/run-sections.js');
      const sections = SECTION_NAMES.filter((name) => flags.only === undefined || flags.only.includes(name));
      const result = await runSections({
        files,
        sections,
        isQuick: flags.quick === true,
        progress: progress.update,
      }).finally(progress.stop);
      if (flags.report !== undefined) writeFileAtomicSync(flags.report, await reportText(flags.report, result));
      printOut(flags.json === true ? JSON.stringify(result, null, 1) : textOf(result));
    });
}

async function reportText(file: string, result: BenchResult): Promise<string> {
  if (!isPage(file)) return `${JSON.stringify(result, null, 1)}\n`;
  const [{ benchHtml }, { benchPage }] = await Promise.all([
    import('../../report/bench-html.js'),
    import('../bench/page.js'),
  ]);
  return benchHtml(benchPage(result));
}

function readSections(text: string): SectionName[] {
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    if (!SECTION_NAMES.includes(name as SectionName)) {
      throw new InvalidArgumentError(`There is no section "${name}"${nearestHint(name, SECTION_NAMES)}`);
    }
  }
  return names as SectionName[];
}

function textOf({ machine, isQuick, sections }: BenchResult): string {
  const head = isQuick
    ? [machineLine(machine), '', 'Quick run: little history and few runs; quote figures of a full one only.']
    : [machineLine(machine)];
  const parts = sections.flatMap(({ name, tables, left }) =>
    left === undefined ? tables.map(textOfTable) : [`${name}: left out, ${left}`],
  );
  return [...head, ...parts.flatMap((part) => ['', part])].join('\n');
}

/** What is being measured: one line that is rewritten on a terminal, a plain line for every section elsewhere. */
function createLine(stream: NodeJS.WriteStream = process.stderr) {
  let section = '';
  return {
    update(text: string) {
      if (stream.isTTY) stream.write(`\r\x1b[K${text.slice(0, Math.max(20, (stream.columns ?? 80) - 1))}`);
      else if (text.split(':')[0] !== section) stream.write(`bench: ${text}\n`);
      section = text.split(':')[0];
    },
    stop() {
      if (stream.isTTY && section !== '') stream.write('\r\x1b[K');
    },
  };
}
