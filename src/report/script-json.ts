import { AtcError, reasonOf } from '../errors.js';

/** JSON that a script element can hold: no `<`, nothing that ends a line in old engines. Still JSON. */
export function scriptJson(value: unknown): string {
  return plainJson(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function plainJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw new AtcError('ARGUMENT', `a report shows numbers and texts: ${reasonOf(cause)}`, { cause });
  }
}
