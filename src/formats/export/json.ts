/**
 * Tables as JSON: a line for each row (NDJSON), or arrays `[ms, open, high, low, close, volume]` as ccxt and freqtrade
 * have them.
 */
import { candleColumns } from './candle-columns.js';
import { type ByteSink, type ExportSpec, SYMBOL_COLUMN, type TableWriter } from './export-format.js';

const CHUNK = 1 << 18;

/** Missing and infinite numbers are null; -0 keeps its sign. */
export async function openNdjson(sink: ByteSink, { schema, hasSymbolColumn }: ExportSpec): Promise<TableWriter> {
  const names = schema.map(({ name }) => name);
  const keys = names.map((name) => `${JSON.stringify(name)}:`);
  const out = new TextOut(sink);
  return {
    write(symbol, length, columns) {
      const arrays = names.map((name) => columns[name]);
      const first = hasSymbolColumn ? `{${JSON.stringify(SYMBOL_COLUMN)}:${JSON.stringify(symbol)},` : '{';
      for (let row = 0; row < length; row += 1) {
        let line = first;
        for (let k = 0; k < arrays.length; k += 1)
          line += `${k === 0 ? '' : ','}${keys[k]}${jsonNumber(arrays[k][row])}`;
        out.add(`${line}}\n`);
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
  let separator = '[';
  return {
    write(_symbol, length, columns) {
      const arrays = names.map((name) => columns[name]);
      for (let row = 0; row < length; row += 1) {
        let line = `${separator}[`;
        for (let k = 0; k < arrays.length; k += 1) line += `${k === 0 ? '' : ','}${jsonNumber(arrays[k][row])}`;
        out.add(`${line}]`);
        separator = ',';
      }
    },
    finish() {
      out.add(separator === '[' ? '[]' : ']');
      out.flush();
    },
  };
}

class TextOut {
  #text = '';
  readonly #sink: ByteSink;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  add(text: string): void {
    this.#text += text;
    if (this.#text.length > CHUNK) this.flush();
  }

  flush(): void {
    this.#sink.write(new TextEncoder().encode(this.#text));
    this.#text = '';
  }
}

function jsonNumber(value: number | bigint): string {
  if (typeof value === 'number' && !Number.isFinite(value)) return 'null';
  return Object.is(value, -0) ? '-0' : String(value);
}
