/** A study as a person reads it: the best trials, a heatmap, and how much of it is luck. */
import type { RankedTrial, SweepResult } from 'atc-memory/sweep';
import { signedCells } from './colour.js';
import { formatCount, formatPercent, formatTable, labelled } from './text.js';

const SHOWN_TRIALS = 10;
/** From worst to best, for terminals of any colour. */
const SHADES = [' .', ' :', ' -', ' =', ' +', ' *', ' %', ' #', ' @'];
/** Columns of the heatmap that fit 80 characters. */
const MOST_COLUMNS = 32;

export function sweepReport(result: SweepResult, count = SHOWN_TRIALS): string {
  const { report } = result;
  if (report === undefined) return 'not finished: run the same command again, or the other shards';
  const [{ name, direction }] = result.goals;
  const symbols = (result.identity.symbols as readonly string[]).length;
  const head =
    `${formatCount(report.trials)} trials over ${formatCount(symbols)} ${symbols === 1 ? 'symbol' : 'symbols'}, ` +
    `${direction === 'maximize' ? 'highest' : 'lowest'} ${name} first`;
  const parts = [`${head}\n\n${trialTable(result.ranked(count), result)}`];
  // Without a best there is nothing to say of it.
  if (result.objectives[name].every(Number.isNaN)) return parts[0];
  const map = heatmap(result);
  if (map !== undefined) parts.push(map);
  parts.push(luckText(result));
  return parts.join('\n\n');
}

/** An objective that no trial has a number for, in words; undefined where each has one. */
export function unjudgedText({ goals, objectives, isFinished }: SweepResult): string | undefined {
  const unjudged = isFinished ? goals.find(({ name }) => objectives[name].every(Number.isNaN)) : undefined;
  if (unjudged === undefined) return undefined;
  return `no trial has a number for ${unjudged.name}: the history is too short, or its prices never change`;
}

function trialTable(trials: readonly RankedTrial[], result: SweepResult): string {
  const swept = Object.keys(result.space);
  const figures = [
    ...new Set([...result.goals.map(({ name }) => name), 'totalReturn', 'sharpe', 'maxDrawdown', 'trades']),
  ];
  const shown = figures.filter((name) => name in (result.table.figures ?? {}) || name in result.objectives);
  const header = ['trial', ...swept, ...shown];
  const rows = trials.map((trial) => [
    String(trial.number),
    ...swept.map((name) => String(trial.parameters[name] ?? '-')),
    ...shown.map((name) => figureText(name, trial.figures[name] ?? result.objectives[name]?.[trial.number])),
  ]);
  return formatTable(header, rows, undefined, signedCells(header, rows, ['totalReturn', 'cagr', 'sharpe', 'sortino']));
}

const SHARES = ['totalReturn', 'cagr', 'maxDrawdown', 'exposure'];

function figureText(name: string, value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '-';
  if (SHARES.includes(name)) return formatPercent(value);
  return Number.isInteger(value) ? formatCount(value) : value.toFixed(3);
}

/** The best value of the first objective at each pair of values of the first two parameters. */
function heatmap(result: SweepResult): string | undefined {
  const [across, down] = Object.keys(result.space).reverse();
  if (down === undefined) return undefined;
  const [{ name, direction }] = result.goals;
  const sign = direction === 'maximize' ? 1 : -1;
  const cells = new Map<string, number>();
  const { parameters } = result.table;
  for (const [trial, one] of parameters.entries()) {
    const value = sign * result.objectives[name][trial];
    const key = JSON.stringify([one[down] ?? null, one[across] ?? null]);
    if (!Number.isNaN(value) && !(value <= (cells.get(key) ?? Number.NEGATIVE_INFINITY))) cells.set(key, value);
  }
  const valuesOf = (parameter: string) =>
    [...new Set(parameters.map((one) => one[parameter] ?? null))].sort((a, b) =>
      typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : 1,
    );
  const [rows, columns] = [valuesOf(down), valuesOf(across)];
  if (rows.length < 2 || columns.length < 2 || rows.length > MOST_COLUMNS || columns.length > MOST_COLUMNS)
    return undefined;
  const known = [...cells.values()].filter(Number.isFinite);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const shade = (value: number | undefined) => {
    if (value === undefined || !Number.isFinite(value)) return '  ';
    const share = high > low ? (value - low) / (high - low) : 1;
    return SHADES[Math.min(SHADES.length - 1, Math.floor(share * SHADES.length))];
  };
  const labels = rows.map((row) => String(row ?? '-'));
  const width = Math.max(...labels.map(({ length }) => length));
  const lines = rows.map(
    (row, k) =>
      `${labels[k].padStart(width)} ` +
      `${columns.map((column) => shade(cells.get(JSON.stringify([row, column])))).join('')}`,
  );
  const ends = `${columns[0]} to ${columns[columns.length - 1]}`;
  const legend =
    `${name}, best of each: "${SHADES[0].trim()}" ${(sign * low).toFixed(3)} to "${SHADES[8].trim()}" ` +
    `${(sign * high).toFixed(3)}`;
  return `${down} down, ${across} across (${ends})\n${lines.join('\n')}\n${legend}`;
}

function luckText({ report, goals }: SweepResult): string {
  if (report === undefined) return '';
  const [{ name }] = goals;
  const number = (value: number | null) => (value === null || !Number.isFinite(value) ? '-' : value.toFixed(3));
  const text = (figure: 'totalReturn' | 'sharpe', of: { readonly [name in typeof figure]?: number | null }) =>
    figureText(figure, of[figure]);
  const { sensitivity, luck, holdout, buyAndHold, front } = report;
  const lines = [
    labelled('buy and hold', `return ${text('totalReturn', buyAndHold)}, sharpe ${text('sharpe', buyAndHold)}`),
    labelled(
      'around the best',
      `${name} of the ${sensitivity.neighbours} nearest trials: median ${number(sensitivity.median)}, ` +
        `worst ${number(sensitivity.worst)}`,
    ),
  ];
  if (goals.length > 1) {
    lines.push(labelled('Pareto front', `${front.length} trials: ${front.slice(0, 12).join(', ')}`));
  }
  if (luck !== undefined) {
    const { overfitting } = luck;
    lines.push(
      labelled('effective trials', `${luck.effectiveTrials.toFixed(1)} of ${formatCount(report.trials)}`),
      labelled(
        'deflated sharpe',
        `${number(luck.deflatedSharpe)}: probability that the best has skill (as the only trial: ` +
          `${number(luck.probabilisticSharpe)})`,
      ),
      labelled(
        'overfitting',
        `${number(overfitting.probability)}: how often the best of one half of the history is below the median in the ` +
          'other',
      ),
    );
  }
  if (holdout !== undefined) {
    const { figures } = holdout;
    lines.push(
      labelled(
        'holdout',
        `last ${formatPercent(holdout.share)}, seen by no trial: return ${text('totalReturn', figures)}, ` +
          `sharpe ${text('sharpe', figures)}; buy and hold ${text('totalReturn', holdout.buyAndHold)}`,
      ),
    );
  }
  return lines.join('\n');
}
