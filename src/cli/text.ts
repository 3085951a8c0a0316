/** Numbers and tables as a person reads them. */
import { paint, type Tone } from './colour.js';
import { escapeLine } from './output.js';

/** Width of a table where there is no terminal, in characters. */
const PAGE_WIDTH = 80;

/**
 * `toneOf` colours cells, for `printPainted`. `header` and `rows` in columns; numbers (by the look of them) to the
 * right. A table wider than `width` is cut between columns and goes on below, each part with the first column again.
 */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  width = outputWidth(),
  toneOf?: (row: number, column: number) => Tone | undefined,
): string {
  const whole = [header, ...rows].map((row) => row.map(escapeLine));
  const most = mostCells(
    header.map((_, k) => Math.max(...whole.map((row) => displayWidth(row[k])))),
    width,
  );
  const all = whole.map((row) => row.map((text, k) => (k > 0 && PATH.test(text) ? text : shorten(text, most[k]))));
  const widths = header.map((_, k) => Math.max(...all.map((row) => displayWidth(row[k]))));
  const numeric = header.map((_, k) => rows.every((row) => /^[-+<]?[\d.,]+($|\s|%|x)|^-$/.test(row[k])));
  const cell = (text: string, k: number) => {
    const space = ' '.repeat(widths[k] - displayWidth(text));
    return numeric[k] ? space + text : text + space;
  };
  const parts = columnParts(widths, width).map((columns) => {
    const last = columns[columns.length - 1];
    const lines = all.map((row, r) =>
      columns
        .map((k) => {
          const text = k === last ? cell(row[k], k).trimEnd() : cell(row[k], k);
          return toneOf === undefined ? text : paint(text, r === 0 ? 'bold' : toneOf(r - 1, k));
        })
        .join('  ')
        .trimEnd(),
    );
    const dashes = columns.map((k) => '-'.repeat(widths[k])).join('  ');
    const rule = toneOf === undefined ? dashes : paint(dashes, 'dim');
    return [lines[0], rule, ...lines.slice(1)].join('\n');
  });
  return parts.join('\n\n');
}

/** A path is copied: it stays whole, and may stand out. */
const PATH = /^(\.{0,2}\/|[A-Za-z]:\\)/;

/** Of the first column, which every part repeats, and of a text beside it. */
const FEWEST_CELLS = 12;

/** How wide each column may be, so that the first one and any other fit into `width` together. */
function mostCells([first = 0, ...others]: readonly number[], width: number): number[] {
  const widest = Math.max(0, ...others);
  if (others.length === 0) return [Math.max(FEWEST_CELLS, width)];
  const least = Math.min(first, Math.max(FEWEST_CELLS, Math.floor(width * 0.3)));
  const beside = Math.min(widest, Math.max(FEWEST_CELLS, width - 2 - least));
  return [Math.max(least, width - 2 - beside), ...others.map(() => beside)];
}

/** At most so many cells; what is longer loses its middle: names differ at either end. */
export function shorten(text: string, cells: number): string {
  if (displayWidth(text) <= cells) return text;
  const characters = [...text];
  const room = (from: string[], most: number) => {
    let used = 0;
    const end = from.findIndex((character) => (used += displayWidth(character)) > most);
    return from.slice(0, end < 0 ? from.length : end);
  };
  const tail = room(characters.toReversed(), Math.floor((cells - 1) / 2)).reverse();
  const head = room(characters, cells - 1 - displayWidth(tail.join('')));
  return `${head.join('')}…${tail.join('')}`;
}

/** Numbers of the columns of each part: as many as fit, at least one beside the first. */
function columnParts(widths: readonly number[], width: number): number[][] {
  const parts: number[][] = [];
  let used = 0;
  for (let k = 1; k < widths.length; k += 1) {
    if (parts.length === 0 || used + 2 + widths[k] > width) {
      parts.push([0]);
      used = widths[0];
    }
    parts[parts.length - 1].push(k);
    used += 2 + widths[k];
  }
  return parts.length === 0 ? [[0]] : parts;
}

/** Of the terminal that results go to; a page of 80 elsewhere, whatever the machine. */
export function outputWidth(): number {
  return process.stdout.isTTY ? Math.max(40, process.stdout.columns || PAGE_WIDTH) : PAGE_WIDTH;
}

/** Cells of a terminal: characters of East Asian scripts and emoji take two. */
function displayWidth(text: string): number {
  let cells = 0;
  for (const character of text) cells += WIDE.test(character) ? 2 : COMBINING.test(character) ? 0 : 1;
  return cells;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const COMBINING = /\p{Mn}/u;

/** `1 symbol`, `2,000 symbols`. */
export function formatNumber(value: number, one: string, many = `${one}s`): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`;
}

/** 1234567 -> 1,234,567 */
export function formatCount(value: number): string {
  return value.toLocaleString('en-US');
}

/** Powers of 1024, three significant digits: 1.21 MiB. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  if (unit === 0) return `${bytes} B`;
  return `${value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)} ${units[unit]}`;
}

export function formatPercent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

/** Two decimals; a dash for what is not a number (null in JSON that came from a child process). */
export function formatRatio(value: number | null): string {
  return value === null || Number.isNaN(value) ? '-' : value.toFixed(2);
}

/** UTC, without what is zero: 2020-04-17 or 2020-04-17T12:30Z. */
export function formatTime(ms: number): string {
  if (!Number.isFinite(ms)) return '-';
  const iso = new Date(ms).toISOString();
  if (iso.endsWith('T00:00:00.000Z')) return iso.slice(0, 10);
  return iso.replace(/(:00)?\.000Z$/, 'Z');
}

/** Lines of at most `width` characters; a longer word stays whole. */
export function wrap(text: string, width: number): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1];
    if (last !== '' && last.length + word.length + 1 > width) lines.push(word);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.join('\n');
}

/** Parts of a sentence with a space between them, or a line break and an indent where the output is too narrow. */
export function joinFitting(parts: readonly string[], width = outputWidth()): string {
  const lines = [''];
  for (const part of parts) {
    const last = lines[lines.length - 1];
    if (last !== '' && displayWidth(last) + displayWidth(part) + 1 > width) lines.push(`  ${part}`);
    else lines[lines.length - 1] = last === '' ? part : `${last} ${part}`;
  }
  return lines.join('\n');
}

const LABEL_CELLS = 21;

/** A label and what it stands for; further lines begin below the text. */
export function labelled(label: string, text: string, width = outputWidth()): string {
  return label.padEnd(LABEL_CELLS) + wrap(text, width - LABEL_CELLS).replaceAll('\n', `\n${' '.repeat(LABEL_CELLS)}`);
}
