/** Checks for callers without types. */
import { AtcError } from 'atc-memory';

/** Throws ARGUMENT for options that are no object; `where` opens the message. */
export function requireOptions(options: unknown, where: string): void {
  if (typeof options === 'object' && options !== null && !Array.isArray(options)) return;
  const found = options === null ? 'null' : Array.isArray(options) ? 'a list' : `a value of type ${typeof options}`;
  throw new AtcError('ARGUMENT', `${where}: its options must be an object, got ${found}`);
}
