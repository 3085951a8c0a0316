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

export function openItem(item: unknown, ttlMs: number | undefined): OpenedItem {
  const ends = typeof ttlMs === 'number' && ttlMs > 0 ? Date.now() + ttlMs : Infinity;
  if (!isKeyvItem(item)) return { value: item, expires: ends, isBare: true };
  return { value: item.value, expires: item.expires ?? ends, isBare: false };
}

/** Exactly these keys, in Keyv's order: an object of a user's own that only resembles it is cached whole. */
function isKeyvItem(item: unknown): item is KeyvItem {
  if (typeof item !== 'object' || item === null) return false;
  const [first, second, ...rest] = Object.keys(item);
  if (first !== 'value' || second !== 'expires' || rest.length > 0) return false;
  const { expires } = item as { expires: unknown };
  return expires === undefined || typeof expires === 'number';
}
