/** What an error of a source means: whether asking again can help, and how long the source wants to be left alone. */
import { isAtcError } from '../errors.js';

/** Client errors that pass: a timeout, a ban for too many requests (418, Binance), too early, too many requests. */
const PASSING = [408, 418, 425, 429];
/**
 * Errors of programs, not of networks. `fetch` throws a TypeError for a network that fails, which is distinguished
 * elsewhere.
 */
const PROGRAM_ERRORS = ['ReferenceError', 'RangeError', 'EvalError', 'URIError'];

/** False for what would fail again: errors of this package, of the program, and refusals of the source. */
export function canPass(error: unknown): boolean {
  if (isAtcError(error)) return false;
  const status = statusOf(error);
  if (status !== undefined) return status >= 500 || PASSING.includes(status);
  const names = classNames(error);
  if (names.some((name) => PROGRAM_ERRORS.includes(name))) return false;
  // Errors of ccxt: what the network or the moment is to blame for has one ancestor, refusals have others. The general
  // one is an answer that ccxt has no name for.
  if (names.includes('BaseError')) {
    return names.includes('OperationFailed') || names.includes('NetworkError') || names[0] === 'ExchangeError';
  }
  return true;
}

/** The HTTP status that an error of a client carries: undici, axios, got, node-fetch. */
function statusOf(error: unknown): number | undefined {
  for (const one of [error, fieldOf(error, 'response'), fieldOf(error, 'cause')]) {
    const status = fieldOf(one, 'status') ?? fieldOf(one, 'statusCode');
    if (typeof status === 'number' && status >= 100 && status < 600) return status;
  }
  return undefined;
}

/** The wait that the source asked for, in ms: `retryAfterMs` of the error, or `Retry-After` among its headers. */
export function requestedWaitMs(error: unknown, nowMs: number): number | undefined {
  const given = fieldOf(error, 'retryAfterMs');
  if (typeof given === 'number' && given >= 0) return given;
  for (const one of [error, fieldOf(error, 'response'), fieldOf(error, 'cause')]) {
    const wait = parseRetryAfter(headerOf(fieldOf(one, 'headers')), nowMs);
    if (wait !== undefined) return wait;
  }
  return undefined;
}

/** Seconds, or a date. Undefined for anything else. */
export function parseRetryAfter(value: unknown, nowMs: number): number | undefined {
  const text = String(value ?? '').trim();
  if (/^\d{1,9}(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const date = /^[A-Z][a-z]{2}/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/** `Retry-After` of a `Headers`, or of an object with names in any case. */
export function headerOf(headers: unknown): unknown {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const { get } = headers as { get?: unknown };
  if (typeof get === 'function') return get.call(headers, 'retry-after');
  return Object.entries(headers).find(([name]) => name.toLowerCase() === 'retry-after')?.[1];
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

function classNames(error: unknown): string[] {
  const names: string[] = [];
  for (let one = Object(error); one !== null; one = Object.getPrototypeOf(one)) {
    const name = Object.hasOwn(one, 'constructor') ? one.constructor?.name : undefined;
    if (typeof name === 'string') names.push(name);
  }
  return names;
}
