/** Tables as CSV: a header, then a line for each row; times as UTC ms, missing numbers as empty cells. */
import { AtcError } from '../../errors.js';
import { type ByteSink, type ExportSpec, SYMBOL_COLUMN, type TableWriter } from './export-format.js';
import { numberText } from './number-text.js';
import { TextOut } from './text-out.js';

const COMMA = 0x2c;
const LINE_FEED = 0x0a;

/** ARGUMENT for an infinite number, which no CSV holds. */
export async function openCsv(sink: ByteSink, { schema, hasSymbolColumn }: ExportSpec): Promise<TableWriter> {
  const names = schema.map(({ name }) => name);
  const out = new TextOut(sink);
  const titles = [...names.slice(0, 1), ...(hasSymbolColumn ? [SYMBOL_COLUMN] : []), ...names.slice(1)];
  out.text(`${titles.map(quoted).join(',')}\n`);
  return {
    write(symbol, length, columns) {
      const arrays = names.map((name) => columns[name]);
      const middle = new TextEncoder().encode(hasSymbolColumn ? `,${quoted(symbol)}` : '');
      for (let row = 0; row < length; row += 1) {
        out.number(arrays[0][row], numberText);
        out.bytes(middle);
        for (let k = 1; k < arrays.length; k += 1) {
          out.byte(COMMA);
          const value = arrays[k][row];
          if (Number.isNaN(value)) continue;
          if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY) {
            throw infinite(sink.path, names[k], symbol, row, value);
          }
          out.number(value, numberText);
        }
        out.byte(LINE_FEED);
      }
    },
    finish: () => out.flush(),
  };
}

function infinite(path: string, column: string, symbol: string, row: number, value: number): AtcError {
  const what = `${path}: row ${row} of ${symbol}, column "${column}" is ${value}, which CSV does not hold`;
  return new AtcError('ARGUMENT', `${what}; export as parquet, arrow or npy`, { path, column });
}

/** Quoted where a reader would see more than one cell. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) || text.trim() !== text ? `"${text.replaceAll('"', '""')}"` : text;
}
