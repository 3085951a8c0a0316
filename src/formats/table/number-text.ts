/** Numbers as tables write them: missing ones, thousands, decimal commas, `1.38M`, `7.83%`, `$188.04`. */
import { parseNumber } from './decimal.js';

export interface NumberRules {
  /** Decimal mark. */
  readonly decimal: '.' | ',';
  /** The file has shown that a comma between digits separates thousands (or, with decimal commas, a dot does). */
  readonly isGrouped: boolean;
}

const MISSING = new Set([
  '',
  'nan',
  'null',
  'na',
  'n/a',
  'none',
  '-',
  '--',
  '.',
  '#n/a',
  'nil',
  'n.a.',
  '—',
  '<na>',
  'nat',
  '-nan',
]);
/** The largest int64: how Databento writes a price that is missing. */
const UNDEFINED_PRICE = '9223372036854775807';
const SUFFIXES: Readonly<Record<string, string>> = { k: 'e3', m: 'e6', b: 'e9', t: 'e12', '%': '' };
const DECORATED = /^([-+]?)[$€£¥₹]?\s?([-+]?[\d.,'\u00a0\u202f ]*\d\.?)\s?([kmbt%]?)$/i;
/** In groups of three; the mark of groups is the same throughout. */
const GROUPED_DOT = /^[-+]?\d{1,3}(?:([,'\u00a0\u202f ])\d{3})(?:\1\d{3})*(?:\.\d+)?$/;
const GROUPED_COMMA = /^[-+]?\d{1,3}(?:([.'\u00a0\u202f ])\d{3})(?:\1\d{3})*(?:,\d+)?$/;
const INFINITE = /^[-+]?(inf|infinity|∞|1\.#inf)$/i;
const ONE_GROUP = /^[-+]?[1-9]\d{0,2},\d{3}$/;

export function isMissing(text: string): boolean {
  if (text.length > 20) return false;
  const trimmed = text.trim();
  return MISSING.has(trimmed.toLowerCase()) || trimmed === UNDEFINED_PRICE;
}

/** An infinite value. It is refused in every column: nothing that is measured is infinite, a division by zero is. */
export function isInfinite(text: string): boolean {
  return INFINITE.test(text.trim());
}

/** NaN for a missing number, undefined for what is none. */
export function readNumber(text: string, rules: NumberRules): number | undefined {
  if (rules.decimal === '.') {
    const plain = parseNumber(text);
    if (plain !== undefined) return plain > 9.2e18 && text.trim() === UNDEFINED_PRICE ? Number.NaN : plain;
  }
  if (isMissing(text)) return Number.NaN;
  const match = DECORATED.exec(text.trim());
  if (match === null) return undefined;
  const [, sign, body, suffix] = match;
  const digits = plainDigits(body.trim(), rules);
  if (digits === undefined) return undefined;
  return parseNumber(`${sign}${digits}${SUFFIXES[suffix.toLowerCase()] ?? ''}`);
}

/** Without separators of thousands and with a point. */
function plainDigits(text: string, { decimal, isGrouped }: NumberRules): string | undefined {
  if (decimal === ',') {
    if (/^[-+]?\d*,?\d*$/.test(text)) return text.replace(',', '.');
    return GROUPED_COMMA.test(text) ? text.replace(/[.'\u00a0\u202f ]/g, '').replace(',', '.') : undefined;
  }
  if (/^[-+]?\d*\.?\d*$/.test(text)) return text;
  if (ONE_GROUP.test(text) && !isGrouped) return undefined;
  return GROUPED_DOT.test(text) ? text.replace(/[,'\u00a0\u202f ]/g, '') : undefined;
}

/**
 * Whether commas separate thousands, by what the first rows hold: a number with a point behind its comma, or with two
 * commas, or a point where thousands could not be. `1,104` alone may be 1.104: then nothing is proved.
 */
export function provesThousands(cells: Iterable<string>): boolean {
  for (const cell of cells) {
    const body = DECORATED.exec(cell.trim())?.[2];
    if (body === undefined) continue;
    if (/,\d{3}\.\d/.test(body) || /,\d{3},\d{3}/.test(body) || /^[-+]?\d*\.(?:\d{1,2}|\d{4,})$/.test(body))
      return true;
  }
  return false;
}

/** What to do about a cell that is no number. */
export function numberHint(text: string, { decimal }: NumberRules): string {
  if (isInfinite(text))
    return '; infinite values are not read: leave the cell empty, or skip the column (--columns, "-")';
  if (decimal === '.' && ONE_GROUP.test(text.trim())) {
    return '; it may be a decimal comma (--decimal ,) or thousands (--decimal .)';
  }
  if (decimal === '.' && /^[-+]?[\d. ]*\d,\d+$/.test(text.trim())) return '; with decimal commas: --decimal ,';
  if (decimal === ',' && /\d\.\d/.test(text)) return '; decimal commas were asked for (--decimal ,)';
  return '';
}
