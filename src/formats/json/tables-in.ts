/** Documents of JSON -> batches of the tables in them. */
import type { RowBatch } from '../batch.js';
import { fileDamage } from '../damage.js';
import type { ReadContext, SourceFile } from '../format.js';
import { presetNamed } from '../presets.js';
import { isTimeTitle } from '../table/time-titles.js';
import { keyOf } from '../table/title-key.js';
import { isCandle } from './json-shape.js';
import { tablesOf } from './json-tables.js';
import { RecordReader } from './record-reader.js';

/** A tuple, or an object with a price or a time among its own values. */
export function isRecord(value: unknown): boolean {
  if (Array.isArray(value)) return !Array.isArray(value[0]) && !(typeof value[0] === 'object' && value[0] !== null);
  if (typeof value !== 'object' || value === null) return true;
  return isCandle(value as Record<string, unknown>) || hasOwnTime(value) || tablesOf(value).length === 0;
}

/** A time of its own, and no list that could be rows: answers carry the time of the answer. */
function hasOwnTime(value: object): boolean {
  const isTimed = Object.entries(value).some(
    ([key, one]) => isTimeTitle(keyOf(key)) && ['string', 'number'].includes(typeof one),
  );
  return isTimed && !hasList(value);
}

function hasList(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.values(value).some((one) => Array.isArray(one) || hasList(one));
}

/** CORRUPT with what it says instead, where it has no table. */
export function* tablesIn(file: SourceFile, context: ReadContext, document: unknown): Generator<RowBatch> {
  const found = tablesOf(document);
  if (found.length === 0) throw fileDamage({ path: file.path }, noTable(document));
  for (const { rows, titles, symbol, preset, zone } of found) {
    const own: ReadContext = {
      ...context,
      preset: context.preset ?? (preset === undefined ? undefined : presetNamed(preset)),
      facts: zone === undefined ? context.facts : { ...context.facts, zone },
      symbol: context.options.symbol ?? symbol ?? context.symbol,
    };
    const batch = new RecordReader(file, own, 'JSON row', titles).read(rows, 1);
    context.preset ??= own.preset;
    if (batch !== undefined) yield found.length > 1 ? { ...batch, hasSymbols: true } : batch;
  }
}

/** An answer without rows usually says why. */
function noTable(document: unknown): string {
  const answer = (document ?? {}) as Record<string, unknown>;
  const said = MESSAGES.map((key) => answer[key]).find((one) =>
    Array.isArray(one) ? one.length > 0 : one !== undefined && one !== '' && one !== null,
  );
  const keys =
    typeof document === 'object' && document !== null ? Object.keys(document).slice(0, 8).join(', ') : String(document);
  return said === undefined
    ? `no rows of candles are found in it (keys: ${keys})`
    : `it holds no candles but the answer ${JSON.stringify(said).slice(0, 120)}`;
}

/** Keys under which answers say why they have no rows. */
const MESSAGES =
  'error,errors,Error Message,Note,Information,msg,message,retMsg,err-msg,errmsg,error_message,detail,s,status'.split(
    ',',
  );
