/** Checks for callers without types. */
import { AtcError } from 'atc-memory';

/** The text of a key; numbers and the like count by their text. Throws ARGUMENT for what has none, such as a symbol. */
export function keyText(key: unknown): string {
  if (typeof key === 'string') return key;
  try {
    if (typeof key !== 'symbol') return String(key);
  } catch {
    // An object without a text.
  }
  throw new AtcError('ARGUMENT', `a key must be a text, got a value of type ${typeof key}`);
}

/** Throws ARGUMENT for what is no list; `what` names its members. */
export function requireList<Member>(list: readonly Member[], what: string): readonly Member[] {
  if (Array.isArray(list)) return list;
  throw new AtcError('ARGUMENT', `a list of ${what} is needed, got a value of type ${typeof list}`);
}

/** The same for entries to be set, each `{ key, value }`. */
export function requireEntries<Entry extends object>(entries: readonly Entry[]): readonly Entry[] {
  for (const [index, entry] of requireList(entries, 'entries { key, value }').entries()) {
    if (typeof entry === 'object' && entry !== null) continue;
    throw new AtcError('ARGUMENT', `entry ${index} must be { key, value }, got a value of type ${typeof entry}`);
  }
  return entries;
}

/** Throws ARGUMENT for what is no number of bytes; `key` names the option. */
export function requireByteCount(value: unknown, key: string): void {
  if (typeof value === 'number' && value >= 0) return;
  const found = typeof value === 'number' ? String(value) : `a value of type ${typeof value}`;
  throw new AtcError('ARGUMENT', `${key} must be a number of bytes, got ${found}`, { key });
}

/** Throws ARGUMENT for options that are no object; `where` opens the message. */
export function requireOptions(options: unknown, where: string): void {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return;
  const found = options === null ? 'null' : Array.isArray(options) ? 'a list' : `a value of type ${typeof options}`;
  throw new AtcError('ARGUMENT', `${where}: its options must be an object, got ${found}`);
}
