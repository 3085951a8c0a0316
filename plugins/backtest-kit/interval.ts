/** Intervals of the host: a number and a unit. */
import { AtcError } from 'atc-memory';

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Length of an interval such as `1m`, `4h` or `1d` in ms; ARGUMENT for any other text. */
export function intervalMs(interval: string): number {
  const match = /^([1-9]\d{0,3})([mhdw])$/.exec(interval);
  if (match !== null) return Number(match[1]) * UNIT_MS[match[2]];
  throw new AtcError('ARGUMENT', `interval must be like 1m, 15m, 4h or 1d, got ${String(interval)}`);
}
