/** The list of formats that tables are written in, one file at a time. Each writer is loaded when it is called for. */

import { AtcError, shown } from '../../errors.js';
import { nearestHint } from '../../nearest.js';
import type { ExportFormat } from './export-format.js';

export const EXPORT_FORMATS: readonly ExportFormat[] = [
  {
    name: 'csv',
    extension: '.csv',
    holdsSymbols: true,
    open: async (...of) => (await import('./csv.js')).openCsv(...of),
  },
  {
    name: 'ndjson',
    extension: '.ndjson',
    holdsSymbols: true,
    open: async (...of) => (await import('./json.js')).openNdjson(...of),
  },
  {
    name: 'parquet',
    extension: '.parquet',
    holdsSymbols: true,
    open: async (...of) => (await import('./parquet.js')).openParquet(...of),
  },
  {
    name: 'arrow',
    extension: '.arrow',
    holdsSymbols: true,
    open: async (...of) => (await import('./arrow.js')).openArrow(...of),
  },
  {
    name: 'feather',
    extension: '.feather',
    holdsSymbols: true,
    open: async (...of) => (await import('./arrow.js')).openArrow(...of),
  },
  {
    name: 'npy',
    extension: '.npy',
    holdsSymbols: true,
    open: async (...of) => (await import('./npy.js')).openNpy(...of),
  },
  {
    name: 'ccxt',
    extension: '.json',
    holdsSymbols: false,
    open: async (...of) => (await import('./json.js')).openTuples(...of),
  },
  {
    name: 'freqtrade',
    extension: '.json',
    holdsSymbols: false,
    open: async (...of) => (await import('./json.js')).openTuples(...of),
  },
];

/** Endings of files that name a format by themselves. */
const ENDINGS: Readonly<Record<string, string>> = { jsonl: 'ndjson', pq: 'parquet', ipc: 'arrow' };

/** ARGUMENT for a name that is none. */
export function exportFormat(name: string): ExportFormat {
  const found = EXPORT_FORMATS.find((format) => format.name === name);
  if (found !== undefined) return found;
  const known = EXPORT_FORMATS.map((format) => format.name);
  throw new AtcError('ARGUMENT', `there is no export format ${shown(name)}${nearestHint(name, known)}`);
}

/** Whether files of a format may have an ending. Arrow and Feather are one format under two names. */
export function isEndingOf(ending: string, { name, extension }: ExportFormat): boolean {
  const plain = ending.slice(1).toLowerCase();
  const known = ENDINGS[plain] ?? plain;
  const isArrow = (format: string) => format === 'arrow' || format === 'feather';
  return known === name || `.${plain}` === extension || (isArrow(known) && isArrow(name));
}

/** The format that the ending of a path says; undefined for a path without one of them. */
export function formatOfEnding(path: string): ExportFormat | undefined {
  const ending = /\.(\w+)$/.exec(path)?.[1].toLowerCase() ?? '';
  return EXPORT_FORMATS.find(
    ({ name, extension }) =>
      name === (ENDINGS[ending] ?? ending) || (name !== 'ccxt' && name !== 'freqtrade' && extension === `.${ending}`),
  );
}
