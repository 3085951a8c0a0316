/**
 * Checks for callers without types: what is no path, no options or no number gets ARGUMENT, which says what was due.
 */
import { AtcError, shown } from './errors.js';
import { nearestHint } from './nearest.js';

/**
 * For callers without types: options have to be an object with known names only. Undefined counts as no options;
 * `where` opens the message. Throws ARGUMENT with the nearest known name: a misspelt option must not count as left out.
 */
export function requireKnownOptions(options: unknown, known: readonly string[], where: string): void {
  requireOptions(options, where);
  for (const name of Object.keys(options ?? {})) {
    if (known.includes(name)) continue;
    throw new AtcError('ARGUMENT', `${where} has no option "${name}"${nearestHint(name, known)}`);
  }
}

/** Throws ARGUMENT for options that are no object; undefined counts as none. */
export function requireOptions(options: unknown, where: string): void {
  if (options === undefined || (typeof options === 'object' && options !== null && !Array.isArray(options))) return;
  throw new AtcError('ARGUMENT', `${where}: its options must be an object, got ${shown(options)}`);
}

/**
 * Throws ARGUMENT for a symbol that is no text, or an empty one: it would be stored as "undefined", or under no name.
 */
export function requireSymbol(symbol: unknown, where: string): asserts symbol is string {
  if (typeof symbol === 'string' && symbol !== '') return;
  throw new AtcError('ARGUMENT', `${where}: the symbol must be a text such as 'BTC/USDT', got ${shown(symbol)}`);
}

/** Throws ARGUMENT for what is no list of texts. */
export function requireNames(names: unknown, where: string): asserts names is readonly string[] {
  if (Array.isArray(names) && names.every((name) => typeof name === 'string')) return;
  const wrong = Array.isArray(names) ? names.find((name) => typeof name !== 'string') : names;
  throw new AtcError('ARGUMENT', `${where} must be a list of names, got ${shown(wrong)}`);
}

/** Throws ARGUMENT for what has not all of these methods; `what` names what is due. */
export function requireMethodsOf(value: unknown, methods: readonly string[], what: string): void {
  const owner = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  if (methods.every((name) => typeof owner[name] === 'function')) return;
  throw new AtcError('ARGUMENT', `${what} is needed, got ${shown(value)}`);
}

/** Throws ARGUMENT for what is no text, or an empty one: a path that is undefined would become Node's own error. */
export function requirePath(value: unknown, where: string): asserts value is string {
  if (typeof value === 'string' && value !== '' && !value.includes('\0')) return;
  throw new AtcError('ARGUMENT', `${where} must be a path, got ${shown(value)}`);
}

/** Throws ARGUMENT for what is no function where one is due; undefined counts as none. */
export function requireOptionalFunction(value: unknown, where: string): void {
  if (value === undefined || typeof value === 'function') return;
  throw new AtcError('ARGUMENT', `${where} must be a function, got ${shown(value)}`);
}

/** Throws ARGUMENT for what is no AbortSignal; undefined counts as none. `where` opens the message. */
export function requireSignal(value: unknown, where: string): void {
  if (value === undefined || typeof (value as Partial<AbortSignal> | null)?.throwIfAborted === 'function') return;
  throw new AtcError('ARGUMENT', `${where}: signal must be an AbortSignal, got ${shown(value)}`, { key: 'signal' });
}

/** Throws ARGUMENT for what is no number of bytes. */
export function requireByteCount(value: unknown, where: string): asserts value is number {
  if (typeof value === 'number' && value >= 0) return;
  throw new AtcError('ARGUMENT', `${where} must be a number of bytes, got ${shown(value)}`);
}

/** Throws ARGUMENT for what is neither undefined nor one of `allowed`. */
export function requireOneOf(value: unknown, allowed: readonly unknown[], where: string): void {
  if (value === undefined || allowed.includes(value)) return;
  throw new AtcError('ARGUMENT', `${where} is ${shown(value)}; allowed: ${allowed.map(String).join(', ')}`);
}

/**
 * UTC ms on both sides of 1970 that are taken for times: to the year 5138. Microseconds since March 1973 are larger, ns
 * larger still.
 */
export const MAX_TIME_MS = 1e14;

/** What is wrong with a number beyond these; undefined where nothing is, and for what is no finite number. */
export function timeProblem(time: unknown): string | undefined {
  const size = Math.abs(Number(time));
  if (!(size > MAX_TIME_MS && size < Number.POSITIVE_INFINITY)) return undefined;
  const unit = size < 1e17 ? 'microseconds' : 'nanoseconds';
  return (
    `the timestamp ${String(time)} is beyond the times that prices have; it looks like ${unit}: timestamps are UTC ` +
    'ms'
  );
}
