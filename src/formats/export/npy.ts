/**
 * A table as a structured array of numpy: rows one after the other, `numpy.load` or `numpy.memmap` read it as it lies.
 */
import { bytesOf, itemSize, numpyType } from '../../dtype.js';
import { AtcError } from '../../errors.js';
import { type ByteSink, type ExportSpec, SYMBOL_COLUMN, type TableWriter } from './export-format.js';
import { timeCounts } from './time-counts.js';

const ALIGNMENT = 64;
/** numpy's version 1 has two bytes for the length of its header. */
const MAX_HEADER_BYTES = 65_535;
/** Digits of the largest number of rows, and what closes the header. */
const ROOM = 32;

/**
 * The timestamp as `datetime64[ms]` (`[us]` for fractions of ms), every column with its own type, the symbol as text of
 * fixed length.
 */
export async function openNpy(
  sink: ByteSink,
  { schema, symbols, hasSymbolColumn, times }: ExportSpec,
): Promise<TableWriter> {
  const width = Math.max(1, ...symbols.map((symbol) => [...symbol].length));
  const fields = schema.map(({ name, dtype }, k) => ({
    name,
    bytes: itemSize(dtype),
    descr: k === 0 && times !== 'numbers' ? `<M8[${times}]` : numpyType(dtype),
  }));
  const rowBytes = fields.reduce((sum, { bytes }) => sum + bytes, 0) + (hasSymbolColumn ? 4 * width : 0);
  const descr = fields.map((field) => `(${literal(field.name)}, '${field.descr}')`);
  if (hasSymbolColumn) descr.push(`('${SYMBOL_COLUMN}', '<U${width}')`);
  // How many rows there are is known only at the end: the header has room for any number.
  const start = `{'descr': [${descr.join(', ')}], 'fortran_order': False, 'shape': (`;
  const headerOf = (rows: number) => header(`${start}${rows},), }`, start.length + ROOM, sink.path);
  let rows = 0;
  sink.write(headerOf(0));
  return {
    write(symbol, length, columns) {
      const out = new Uint8Array(rowBytes * length);
      let offset = 0;
      fields.forEach(({ name, bytes }, k) => {
        const source =
          k === 0 && times !== 'numbers' ? timeCounts(columns[name].subarray(0, length), times) : columns[name];
        const from = bytesOf(source);
        for (let row = 0; row < length; row += 1) {
          const to = row * rowBytes + offset;
          for (let byte = 0; byte < bytes; byte += 1) out[to + byte] = from[row * bytes + byte];
        }
        offset += bytes;
      });
      if (hasSymbolColumn) {
        const text = bytesOf(Uint32Array.from({ length: width }, (_, k) => [...symbol][k]?.codePointAt(0) ?? 0));
        for (let row = 0; row < length; row += 1) out.set(text, row * rowBytes + offset);
      }
      sink.write(out);
      rows += length;
    },
    finish: () => sink.rewrite(0, headerOf(rows)),
  };
}

/** A string as Python writes it: quotes, backslashes and control characters are escaped. */
function literal(name: string): string {
  const escaped = name.replace(/[\\'\p{Cc}\u2028\u2029]/gu, (character) =>
    character === '\\' || character === "'"
      ? `\\${character}`
      : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `'${escaped}'`;
}

function header(dict: string, room: number, path: string): Uint8Array {
  const text = new TextEncoder().encode(dict);
  const isLatin = text.length === dict.length;
  const end = Math.ceil((12 + room + text.length - dict.length + 1) / ALIGNMENT) * ALIGNMENT;
  if (end > MAX_HEADER_BYTES) throw new AtcError('ARGUMENT', `${path}: too many columns for a .npy file`, { path });
  const bytes = new Uint8Array(end).fill(0x20);
  // Version 3 is UTF-8, version 2 Latin-1; both have four bytes of length.
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, isLatin ? 2 : 3, 0]);
  new DataView(bytes.buffer).setUint32(8, end - 12, true);
  bytes.set(text, 12);
  bytes[end - 1] = 0x0a;
  return bytes;
}
