/** CSV, and any other table of text with a delimiter. */
import type { FormatReader } from '../format.js';
import { parseCsv } from './parse-csv.js';

export const readCsv: FormatReader = (file, context) => parseCsv(file, context);
