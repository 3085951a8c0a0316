/** Colours of a terminal: NO_COLOR takes them away, FORCE_COLOR gives them to what is no terminal. */

const CODES = { gain: [32, 39], loss: [31, 39], dim: [2, 22], bold: [1, 22] } as const;
export type Tone = keyof typeof CODES;

/** As Node and most programs decide: FORCE_COLOR before NO_COLOR (when not empty), then whether it is a terminal. */
export function hasColours(
  stream: { readonly isTTY?: boolean } = process.stdout,
  env: Readonly<Record<string, string | undefined>> = process.env,
): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: term } = env;
  if (force !== undefined) return force !== '0' && force !== 'false';
  if (no !== undefined && no !== '') return false;
  return stream.isTTY === true && term !== 'dumb';
}

/** `text` in a tone, unless colours are off. What is coloured must be free of control characters (`escapeLine`). */
export function paint(text: string, tone: Tone | undefined): string {
  if (tone === undefined || text === '' || !hasColours()) return text;
  const [on, off] = CODES[tone];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}

/** Gains and losses by the sign of a number; none for 0 and what is no number. */
export function signTone(value: number | null): Tone | undefined {
  return value === null || !(value > 0 || value < 0) ? undefined : value > 0 ? 'gain' : 'loss';
}

/** Tones of the cells of a table whose columns are `signed`: gains and losses, by what is written there. */
export function signedCells(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  signed: readonly string[],
) {
  return (row: number, column: number): Tone | undefined =>
    signed.includes(header[column]) ? signTone(Number.parseFloat(rows[row][column].replaceAll(',', ''))) : undefined;
}
