/** Tables as CSV: a header, then a line for each row; times as UTC ms, missing numbers as empty cells. */
import { AtcError } from '../../errors.js';
import { type ByteSink, type ExportSpec, SYMBOL_COLUMN, type TableWriter } from './export-format.js';
import { numberText } from './number-text.js';

/** Characters gathered before they are written. */
const CHUNK = 1 << 18;

/** ARGUMENT for an infinite number, which no CSV holds. */
export async function openCsv(sink: ByteSink, { schema, hasSymbolColumn }: ExportSpec): Promise<TableWriter> {
  const names = schema.map(({ name }) => name);
  const encoder = new TextEncoder();
  const titles = [...names.slice(0, 1), ...(hasSymbolColumn ? [SYMBOL_COLUMN] : []), ...names.slice(1)];
  let text = `${titles.map(quoted).join(',')}\n`;
  const flush = () => {
    sink.write(encoder.encode(text));
    text = '';
  };
  return {
    write(symbol, length, columns) {
      const arrays = names.map((name) => columns[name]);
      const middle = hasSymbolColumn ? `,${quoted(symbol)}` : '';
      for (let row = 0; row < length; row += 1) {
        text += numberText(arrays[0][row]) + middle;
        for (let k = 1; k < arrays.length; k += 1) text += `,${cell(arrays[k][row], sink.path, names[k], symbol, row)}`;
        text += '\n';
        if (text.length > CHUNK) flush();
      }
    },
    finish: flush,
  };
}

function cell(value: number | bigint, path: string, column: string, symbol: string, row: number): string {
  if (Number.isNaN(value)) return '';
  if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
    const what = `${path}: row ${row} of ${symbol}, column "${column}" is ${value}, which CSV does not hold`;
    throw new AtcError('ARGUMENT', `${what}; export as parquet, arrow or npy`, { path, column });
  }
  return numberText(value);
}

/** Quoted where a reader would see more than one cell. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) || text.trim() !== text ? `"${text.replaceAll('"', '""')}"` : text;
}
