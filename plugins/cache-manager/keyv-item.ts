/** What Keyv hands to a store and takes back: the value with its time, as an object or as text of its serializer. */

export interface KeyvItem {
  readonly value: unknown;
  /** UTC ms. */
  readonly expires: number | undefined;
}

export interface OpenedItem {
  readonly value: unknown;
  /** UTC ms; Infinity for never. */
  readonly expires: number;
  /** The store was handed something else than `{ value, expires }`, and hands out the same. */
  readonly isBare: boolean;
}

/**
 * What Keyv means by a time: none, 0, NaN and what is no number never end; a negative one has ended already. The time
 * inside an item goes before `ttlMs`.
 */
export function openItem(item: unknown, ttlMs: unknown): OpenedItem {
  const ends = isTime(ttlMs) && ttlMs !== 0 ? Date.now() + ttlMs : Infinity;
  if (!isKeyvItem(item)) return { value: item, expires: ends, isBare: true };
  const { expires = ends } = item;
  return { value: item.value, expires: isTime(expires) ? expires : Infinity, isBare: false };
}

function isTime(ms: unknown): ms is number {
  return typeof ms === 'number' && !Number.isNaN(ms);
}

/** True for the text that a Keyv with a serializer hands to its store instead of an item. */
export function isSerializedItem(item: unknown): boolean {
  if (typeof item !== 'string' || !item.startsWith('{"value":')) return false;
  try {
    return Object.keys(JSON.parse(item)).every((name) => name === 'value' || name === 'expires');
  } catch {
    return false;
  }
}

/** Exactly these keys, in Keyv's order: an object of a user's own that only resembles it is cached whole. */
function isKeyvItem(item: unknown): item is KeyvItem {
  if (typeof item !== 'object' || item === null) return false;
  const [first, second, ...rest] = Object.keys(item);
  if (first !== 'value' || second !== 'expires' || rest.length > 0) return false;
  const { expires } = item as { expires: unknown };
  return expires === undefined || typeof expires === 'number';
}
