/**
 * What Keyv 4 and 5 hand to a store: `{ value, expires }`, by default as JSON in which a Buffer is the text `:base64:…`
 * and a text that begins with a colon has one more (https://github.com/jaredwray/keyv, packages/serialize).
 */
import type { LegacyItems } from './legacy-entries.js';

export interface KeyvItem {
  readonly value: unknown;
  /** UTC ms; Infinity for never. */
  readonly expires: number;
  readonly items: LegacyItems;
}

export function parseKeyvJson(text: string): unknown {
  return JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'string' || !value.startsWith(':')) return value;
    return value.startsWith(':base64:') ? Buffer.from(value.slice(8), 'base64') : value.slice(1);
  });
}

/**
 * The text Keyv itself would write, for what JSON can say; a BigInt, which it refuses, is left out, and found missing
 * on reading back.
 */
export function keyvJson(data: unknown): string {
  return JSON.stringify(data, function (this: Record<string, unknown>, key: string, value: unknown) {
    const original = this[key];
    if (typeof value === 'bigint') return undefined;
    if (Buffer.isBuffer(original)) return `:base64:${original.toString('base64')}`;
    return typeof value === 'string' && value.startsWith(':') ? `:${value}` : value;
  });
}

/** What was meant by a stored item: Keyv's envelope is opened, anything else is the value itself. */
export function openKeyvItem(item: unknown): KeyvItem {
  if (typeof item === 'string' && item.startsWith('{"value":')) {
    const parsed = tryParse(item);
    if (isEnvelope(parsed)) return { value: parsed.value, expires: expiryOf(parsed.expires), items: 'keyv-text' };
  }
  if (isEnvelope(item)) return { value: item.value, expires: expiryOf(item.expires), items: 'keyv-objects' };
  return { value: item, expires: Infinity, items: 'values' };
}

/** The item to store for a value; `openKeyvItem` undoes it. */
export function closeKeyvItem(value: unknown, expires: number, items: LegacyItems): unknown {
  if (items === 'values') return value;
  const envelope = Number.isFinite(expires) ? { value, expires } : { value };
  return items === 'keyv-text' ? keyvJson(envelope) : envelope;
}

/** True for `{ value }` and `{ value, expires }`: what Keyv hands over, and nothing else does. */
export function isEnvelope(item: unknown): item is { value: unknown; expires?: unknown } {
  if (typeof item !== 'object' || item === null || !('value' in item)) return false;
  return Object.keys(item).every((key) => key === 'value' || key === 'expires');
}

/** null and undefined stand for never. */
export function expiryOf(expires: unknown): number {
  return typeof expires === 'number' ? expires : Infinity;
}

function tryParse(text: string): unknown {
  try {
    return parseKeyvJson(text);
  } catch {
    return undefined;
  }
}
