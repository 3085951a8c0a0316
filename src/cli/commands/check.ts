/** `atc check`: what is wrong with history before anybody relies on it. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { checkHistory, type HistoryCheck } from '../../dataset/check/check-history.js';
import { FINDING_KINDS, type FindingKind } from '../../dataset/check/findings.js';
import type { SymbolCheck } from '../../dataset/check/symbol-check.js';
import { importOptionsOf } from '../../formats/options.js';
import { nearestHint } from '../../nearest.js';
import { EXIT } from '../exit.js';
import { listFiles } from '../files-read.js';
import { type ImportFlags, withImportOptions } from '../import-options.js';
import { interruptSignal } from '../interrupt.js';
import { asOfOption } from '../options.js';
import { printOut } from '../output.js';
import { createProgress } from '../progress.js';
import { formatCount, formatTable } from '../text.js';

interface Flags extends ImportFlags {
  readonly symbols?: string[];
  readonly ignore?: FindingKind[];
  readonly jump?: number;
  readonly asOf?: string;
  readonly fix?: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

/** One screen: what goes beyond is counted. */
const MAX_SYMBOLS = 12;
const MAX_FINDINGS = 16;

export function checkCommand(): Command {
  const command = new Command('check')
    .description('look for gaps, repetitions and impossible prices')
    .argument('<sources...>', 'a dataset, files, folders, patterns, or - for standard input')
    .option('--symbols <names>', 'only these, comma-separated', (text) => text.split(','))
    .addOption(
      new Option('--ignore <kinds>', `findings not to look for: ${FINDING_KINDS.join(', ')}`).argParser(kindsOf),
    )
    .addOption(new Option('--jump <factor>', 'how many times the usual move is a jump, default 40').argParser(factorOf))
    .addOption(asOfOption())
    .option('--fix', "mend what is safe: order and repetitions (into --out), a market's closed hours (in a dataset)")
    .option('--out <directory>', 'with --fix: the dataset to write')
    .option('--json', 'print the outcome as JSON');
  return withImportOptions(command).action(async (sources: string[], flags: Flags) => {
    const progress = createProgress('check', 'rows', { quiet: flags.json === true });
    const check = await listFiles({ quiet: flags.json === true }, (onFile) =>
      checkHistory(sources.length === 1 ? sources[0] : sources, {
        ...importOptionsOf(flags),
        symbols: flags.symbols,
        ignore: flags.ignore,
        jumpFactor: flags.jump,
        asOf: flags.asOf,
        fix: flags.fix,
        out: flags.out,
        signal: interruptSignal(),
        onRows: progress.update,
        onFile,
      }).finally(progress.stop),
    );
    printOut(flags.json === true ? JSON.stringify(check) : reportOf(check));
    if (!check.ok) process.exitCode = EXIT.failed;
  });
}

function reportOf({ ok, symbols, unreadable, fixed }: HistoryCheck): string {
  const findings = symbols.flatMap(({ symbol, findings }) => findings.map((finding) => ({ symbol, ...finding })));
  const wrong = findings.filter(({ severity }) => severity === 'wrong').length + (unreadable === undefined ? 0 : 1);
  const rows = symbols.reduce((sum, one) => sum + one.rows, 0);
  const shown = symbols.slice(0, MAX_SYMBOLS);
  const more = symbols.length - shown.length;
  const table = formatTable(['symbol', 'rows', 'from', 'to', 'step', 'missing', 'closed', 'wrong'], shown.map(rowOf));
  const lines = [...findings].sort((a, b) => rank(a.severity) - rank(b.severity)).slice(0, MAX_FINDINGS);
  return [
    ...(symbols.length > 0 ? [table] : []),
    ...(more > 0 ? [`… and ${formatCount(more)} more symbols (--json has them all)`] : []),
    '',
    ...(unreadable === undefined ? [] : [`WRONG  ${unreadable.text}`]),
    ...lines.flatMap(({ symbol, severity, text, examples }) => [
      `${severity === 'wrong' ? 'WRONG' : 'note '}  ${symbol}: ${text}`,
      ...examples
        .slice(0, 1)
        .map((one) => `         ${one.ms === undefined ? '' : `${new Date(one.ms).toISOString()} `}${one.text}`),
    ]),
    ...(findings.length > lines.length ? [`… and ${formatCount(findings.length - lines.length)} more findings`] : []),
    ...fixed.map((text) => `fixed  ${text}`),
    `${formatCount(rows)} rows of ${formatCount(symbols.length)} symbol${symbols.length === 1 ? '' : 's'}: ` +
      `${ok ? 'nothing wrong' : `${formatCount(wrong)} kind${wrong === 1 ? '' : 's'} of finding`}`,
  ].join('\n');
}

function rank(severity: 'wrong' | 'note'): number {
  return severity === 'wrong' ? 0 : 1;
}

function rowOf({ symbol, rows, firstMs, lastMs, stepMs, missing, closed, findings }: SymbolCheck): string[] {
  const wrong = findings.filter(({ severity }) => severity === 'wrong').length;
  const step = stepMs === undefined ? '-' : stepText(stepMs);
  return [
    symbol,
    formatCount(rows),
    dateOf(firstMs),
    dateOf(lastMs),
    step,
    formatCount(missing),
    formatCount(closed),
    formatCount(wrong),
  ];
}

/** The day alone: a table of eighty columns. */
function dateOf(ms: number): string {
  return Number.isNaN(ms) ? '-' : new Date(ms).toISOString().slice(0, 10);
}

function stepText(ms: number): string {
  const units = [
    [86_400_000, 'd'],
    [3_600_000, 'h'],
    [60_000, 'm'],
    [1000, 's'],
  ] as const;
  const [unit, letter] = units.find(([size]) => ms % size === 0) ?? [1, 'ms'];
  return `${ms / unit}${letter}`;
}

function kindsOf(text: string): FindingKind[] {
  return text.split(',').map((kind) => {
    if ((FINDING_KINDS as readonly string[]).includes(kind)) return kind as FindingKind;
    throw new InvalidArgumentError(`There is no finding "${kind}"${nearestHint(kind, FINDING_KINDS)}`);
  });
}

function factorOf(text: string): number {
  const factor = Number(text);
  if (factor >= 1 && Number.isFinite(factor)) return factor;
  throw new InvalidArgumentError('A number from 1 is allowed.');
}
