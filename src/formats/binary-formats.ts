/**
 * Readers of the formats that are no text: each gives its bytes to its decoder and its columns to the one reader of
 * tables.
 */
import { openFileReader } from '../io/file-reader.js';
import { SpillFile } from '../io/spill-file.js';
import { zipMembers } from '../io/zip-file.js';
import { arrowTitles, readArrow } from './arrow/read.js';
import type { CellBatch } from './cell-column.js';
import { fileDamage } from './damage.js';
import { readDbn } from './dbn/read.js';
import type { FormatReader, Outline, SourceFile } from './format.js';
import { readNpy, readNpz } from './npy/read.js';
import { outlineParquet } from './parquet/footer.js';
import { readParquet } from './parquet/read.js';
import { readBlosc, readRaw } from './records/blosc.js';
import { readHst } from './records/hst.js';
import { columnNames, readColumns } from './table/read-columns.js';

export const readArrowFile: FormatReader = (file, context) =>
  readColumns(file, context, readArrow(file.bytes(), file.path));

export const readParquetFile: FormatReader = (file, context) => readColumns(file, context, parquetBatches(file));

export const readDbnFile: FormatReader = (file, context) =>
  readColumns(file, context, readDbn(file.bytes(), file.path));

export const readHstFile: FormatReader = (file, context) =>
  readColumns(file, context, readHst(file.bytes(), file.path));

export const readNpyFile: FormatReader = (file, context) => {
  const titles = columnNames(context.options.columns);
  const name = file.name.replace(/\.npy$/i, '');
  return readColumns(file, context, readNpy(file.bytes(), { path: file.path, name, titles }));
};

export const readNpzFile: FormatReader = (file, context) => {
  const titles = columnNames(context.options.columns);
  return readColumns(file, context, readNpz(npzMembers(file), { path: file.path, titles }));
};

export const readBloscFile: FormatReader = (file, context) =>
  readColumns(file, context, readBlosc(file.bytes(), rawOptions(file, context)));

export const readRawFile: FormatReader = (file, context) =>
  readColumns(file, context, readRaw(file.bytes(), rawOptions(file, context)));

function rawOptions({ path }: SourceFile, { options: { columns } }: Parameters<FormatReader>[1]) {
  return { path, columns: typeof columns === 'string' ? columns.split(',') : columns };
}

/** Inside a container the footer is at the end of bytes that only come in order. */
export async function outlineParquetFile({ plainPath, path }: SourceFile): Promise<Outline | undefined> {
  if (plainPath === undefined) return undefined;
  const reader = openFileReader(plainPath);
  try {
    return await outlineParquet(reader, path);
  } finally {
    reader.close();
  }
}

export async function outlineArrowFile(file: SourceFile): Promise<Outline | undefined> {
  const titles = await arrowTitles(file.bytes(), file.path);
  return titles && { titles };
}

async function* parquetBatches(file: SourceFile): AsyncGenerator<CellBatch> {
  if (file.plainPath === undefined) {
    yield* parquetInside(file);
    return;
  }
  const reader = openFileReader(file.plainPath);
  try {
    yield* readParquet(reader, file.path);
  } finally {
    reader.close();
  }
}

/** The footer is at the end of bytes that only come in order: they are unpacked into the temporary folder. */
async function* parquetInside(file: SourceFile): AsyncGenerator<CellBatch> {
  const spill = new SpillFile();
  try {
    let byteLength = 0;
    for await (const bytes of file.bytes()) {
      spill.append(bytes);
      byteLength += bytes.length;
    }
    const read = (at: number, length: number) => {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, byteLength - at)));
      spill.read(at, bytes);
      return bytes;
    };
    yield* readParquet({ byteLength, read }, file.path);
  } finally {
    spill.close();
  }
}

async function* npzMembers(file: SourceFile) {
  if (file.plainPath === undefined)
    throw fileDamage(file, 'an .npz archive inside another container cannot be read; unpack it first');
  for (const { name, bytes } of await zipMembers(file.plainPath)) yield { name, bytes: bytes() };
}
