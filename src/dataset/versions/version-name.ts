/** The ways to say which version of a dataset is meant. */
import { AtcError, shown } from '../../errors.js';

/**
 * A version of a dataset: the name of a snapshot; the number of a generation; or a time (a Date, UTC ms, or ISO text
 * with hours and a colon), for the retained version that was in force then.
 */
export type AsOf = string | number | Date;

/** Plain on every file system, never hidden; what Windows reserves is looked at apart. */
export const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
export const DIGITS = /^\d+$/;
/** No dataset has so many generations, and no history begins that early in 1973. */
const SMALLEST_TIME = 1e11;

/** What an `AsOf` means. */
export type Wanted = { readonly name: string } | { readonly generation: number } | { readonly timeMs: number };

/** Throws ARGUMENT for what means no version. */
export function wantedVersion(asOf: unknown): Wanted {
  if (typeof asOf === 'number' && Number.isSafeInteger(asOf) && asOf >= 1) {
    return asOf < SMALLEST_TIME ? { generation: asOf } : { timeMs: asOf };
  }
  if (asOf instanceof Date && !Number.isNaN(asOf.getTime())) return { timeMs: asOf.getTime() };
  if (typeof asOf === 'string') {
    if (DIGITS.test(asOf) && Number(asOf) >= 1) return wantedVersion(Number(asOf));
    const timeMs = asOf.includes(':') ? isoTime(asOf) : undefined;
    if (timeMs !== undefined) return { timeMs };
    if (NAME.test(asOf)) return { name: asOf };
  }
  const kinds = 'the name of a snapshot, a generation (1 or more), a Date, or a time such as 2024-01-31T12:00Z';
  throw new AtcError('ARGUMENT', `asOf is ${shown(asOf)}; it must be ${kinds}`, { key: 'asOf' });
}

/** Without a zone it is UTC, as everywhere in this package. */
function isoTime(text: string): number | undefined {
  const match = /^(\d{4}-\d{2}-(\d{2}))T(?:[01]\d|2[0-3]):\d{2}(?::\d{2}(?:\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?$/.exec(
    text,
  );
  if (match === null) return undefined;
  const [, date, day, zone] = match;
  const ms = Date.parse(zone === undefined ? `${text}Z` : text);
  // Date rolls 30 February over into March: such a day is none.
  return Number.isNaN(ms) || new Date(date).getUTCDate() !== Number(day) ? undefined : ms;
}
