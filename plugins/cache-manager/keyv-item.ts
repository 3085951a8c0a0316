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

/** `ends`: when the entry ends by what stands beside the item; a time inside the item goes before it. */
export function openItem(item: unknown, ends: number): OpenedItem {
  if (!isKeyvItem(item)) return { value: item, expires: ends, isBare: true };
  const { expires = ends } = item;
  return { value: item.value, expires: Number.isNaN(expires) ? Infinity : expires, isBare: false };
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
