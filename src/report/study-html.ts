/** A study of many trials as one HTML file. */
import { requireOptions } from '../arguments.js';
import { AtcError } from '../errors.js';
import { htmlFile, type PageOptions } from './html-file.js';
import { seriesOf } from './page-data.js';
import { packSeries } from './series.js';
import { chosenTrials } from './study-trials.js';

/** What is shown of a study; a `SweepResult` of `atc-memory/sweep` has it. */
export interface StudySource {
  /** What was searched; plain data. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** Undefined while trials are missing. */
  readonly report: unknown;
  /** Objectives, the first one ranks. */
  readonly goals: readonly {
    /** A figure of the trials. */
    readonly name: string;
    /** Which way is better. */
    readonly direction: 'maximize' | 'minimize';
  }[];
  /** Distributions by parameter. */
  readonly space: Readonly<Record<string, object>>;
  /** Of all trials. */
  readonly table: {
    /** By name. */
    readonly parameters: readonly Readonly<Record<string, number | string | boolean>>[];
    /** Columns, a row a trial. */
    readonly figures: Readonly<Record<string, Float64Array>>;
  };
  /** Columns, a row a trial. */
  readonly objectives: Readonly<Record<string, Float64Array>>;
}

/** Beside the objectives, where a trial has them. */
const FIGURES = [
  'totalReturn',
  'cagr',
  'sharpe',
  'sortino',
  'maxDrawdown',
  'exposure',
  'winRate',
  'trades',
  'turnover',
];
const DIGITS = 7;

/**
 * One self-contained HTML file of a finished study: a heatmap of two parameters, a scatter of the trials, parallel
 * coordinates, the best trials, and how much of the best is luck. Of more than 20,000 trials the best 2,000 and evenly
 * spaced others are in it.
 *
 * @throws AtcError ARGUMENT for a study that is not finished, and for a title that is no string.
 */
export function studyHtml(study: StudySource, options: PageOptions = {}): string {
  requireOptions(options, 'studyHtml');
  const isFinished = typeof study?.report === 'object' && study.report !== null && Array.isArray(study.goals);
  if (!isFinished || !Array.isArray(study.table?.parameters)) {
    throw new AtcError('ARGUMENT', 'studyHtml needs the result of a finished study; this one is not finished');
  }
  const { identity, report, goals, space, table, objectives } = study;
  const trials = table.parameters.length;
  const [goal] = goals;
  const chosen = chosenTrials(objectives[goal.name], goal.direction);
  const columns: Record<string, Float64Array> = { trial: Float64Array.from(chosen) };
  const parameters = Object.entries(space).map(([name, distribution]) => {
    const { type, values, log } = distribution as { type: string; values?: unknown[]; log?: boolean };
    const isList = type === 'categorical' && values !== undefined;
    columns[`parameter:${name}`] = Float64Array.from(chosen, (trial) => {
      const value = table.parameters[trial][name];
      return value === undefined ? Number.NaN : isList ? values.indexOf(value) : Number(value);
    });
    return { name, values: isList ? values.map(String) : undefined, isLog: log === true };
  });
  const figures = [...new Set([...goals.map(({ name }) => name), ...FIGURES])].filter(
    (name) => name in objectives || name in table.figures,
  );
  for (const name of figures) {
    const column = objectives[name] ?? table.figures[name];
    columns[`figure:${name}`] = Float64Array.from(chosen, (trial) => Number(column[trial].toPrecision(DIGITS)));
  }
  const symbols = (identity.symbols as readonly string[] | undefined) ?? [];
  const { title = `${identity.strategy}: ${trials} trials` } = options;
  return htmlFile(title, {
    kind: 'study',
    identity: { ...identity, symbols: symbols.length, symbol: symbols.length === 1 ? symbols[0] : undefined },
    report,
    goals,
    trials,
    parameters,
    figures,
    columns: seriesOf(packSeries(columns), 1),
  } as { kind: string });
}
