/**
 * Tables as JSON: a line for each row (NDJSON), or arrays `[ms, open, high, low, close, volume]` as ccxt and freqtrade
 * have them.
 */
import { candleColumns } from './candle-columns.js';
import { type ByteSink, type ExportSpec, SYMBOL_COLUMN, type TableWriter } from './export-format.js';
import { TextOut } from './text-out.js';

const COMMA = 0x2c;
const OPEN = 0x5b;
const CLOSE = 0x5d;

/** Missing and infinite numbers are null; -0 keeps its sign. */
export async function openNdjson(sink: ByteSink, { schema, hasSymbolColumn }: ExportSpec): Promise<TableWriter> {
  const names = schema.map(({ name }) => name);
  const encoder = new TextEncoder();
  const keys = names.map((name, k) => encoder.encode(`${k === 0 ? '' : ','}${JSON.stringify(name)}:`));
  const end = encoder.encode('}\n');
  const out = new TextOut(sink);
  return {
    write(symbol, length, columns) {
      const arrays = names.map((name) => columns[name]);
      const owner = hasSymbolColumn ? `${JSON.stringify(SYMBOL_COLUMN)}:${JSON.stringify(symbol)},` : '';
      const start = encoder.encode(`{${owner}`);
      for (let row = 0; row < length; row += 1) {
        out.bytes(start);
        for (let k = 0; k < arrays.length; k += 1) {
          out.bytes(keys[k]);
          out.number(arrays[k][row], jsonNumber);
        }
        out.bytes(end);
      }
    },
    finish: () => out.flush(),
  };
}

/** One array of arrays. ARGUMENT where one of the six columns is missing. */
export async function openTuples(sink: ByteSink, { schema }: ExportSpec): Promise<TableWriter> {
  const names = candleColumns(
    schema.map(({ name }) => name),
    sink.path,
  );
  const out = new TextOut(sink);
  let separator = OPEN;
  return {
    write(_symbol, length, columns) {
      const arrays = names.map((name) => columns[name]);
      for (let row = 0; row < length; row += 1) {
        out.byte(separator);
        for (let k = 0; k < arrays.length; k += 1) {
          out.byte(k === 0 ? OPEN : COMMA);
          out.number(arrays[k][row], jsonNumber);
        }
        out.byte(CLOSE);
        separator = COMMA;
      }
    },
    finish() {
      if (separator === OPEN) out.byte(OPEN);
      out.byte(CLOSE);
      out.flush();
    },
  };
}

function jsonNumber(value: number | bigint): string {
  if (typeof value === 'number' && !Number.isFinite(value)) return 'null';
  return Object.is(value, -0) ? '-0' : String(value);
}
