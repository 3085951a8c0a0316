/** Checks that every run on a fleet begins with. */
import { AtcError } from 'atc-memory';
import type { FleetSource } from './protocol.js';

/** @throws AtcError ARGUMENT for what is no path, nor several. */
export function requireSource(source: FleetSource): void {
  const isPath = (one: unknown) => typeof one === 'string' && one !== '' && one !== '-';
  if (Array.isArray(source) ? source.length > 0 && source.every(isPath) : isPath(source)) return;
  reject('source', 'must be a path or several: histories do not travel, workers read them');
}

/** @throws AtcError ARGUMENT, naming the option, for a value that JSON does not carry as it is. */
export function requireJson(value: unknown, name = ''): void {
  const wrong = lostInJson(value);
  if (wrong !== undefined) reject(name, wrong);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, one] of Object.entries(value)) requireJson(one, name === '' ? key : `${name}.${key}`);
}

function lostInJson(value: unknown): string | undefined {
  if (typeof value === 'function') return 'holds a function, and no code travels: give names and texts';
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) {
    return `holds ${Object.is(value, -0) ? '-0' : value}, which JSON does not carry`;
  }
  if (typeof value === 'bigint' || typeof value === 'symbol')
    return `holds a ${typeof value}, which JSON does not carry`;
  // By its name: objects of other realms are plain too.
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  const isPlain = typeof value !== 'object' || value === null || kind === 'Object' || kind === 'Array';
  return isPlain ? undefined : `holds an object (${kind}), which JSON does not carry`;
}

/** What was given for a number. Not its text: it may be any object. */
export function numberShown(value: unknown): string {
  return typeof value === 'number' ? `${value}` : `a value of type ${typeof value}`;
}

export function reject(key: string, message: string): never {
  throw new AtcError('ARGUMENT', `${key} ${message}`, { key });
}
