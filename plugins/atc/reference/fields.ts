/**
 * The state of the reference as plain data: its objects hold numbers, arrays of them and each other, and frozen
 * parameters. That is why their members are `private` and not `#private`, which nothing could list.
 */

/** A copy of every field, nested as the objects are; parameters are left out. */
export function fieldsOf(value: unknown): unknown {
  if (ArrayBuffer.isView(value)) return (value as Float64Array).slice();
  if (Array.isArray(value)) return value.map(fieldsOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(isState)
      .map(([name, field]) => [name, fieldsOf(field)]),
  );
}

/** Puts such fields into objects of the same shape; false, and the objects are spoilt, where the shapes differ. */
export function putFields(target: unknown, fields: unknown): boolean {
  if (typeof target !== 'object' || target === null || typeof fields !== 'object' || fields === null) return false;
  if (ArrayBuffer.isView(target)) {
    const values = fields as Float64Array;
    if (!ArrayBuffer.isView(fields) || values.length !== (target as Float64Array).length) return false;
    (target as Float64Array).set(values);
    return true;
  }
  const from = fields as Record<string, unknown>;
  const to = target as Record<string, unknown>;
  const names = Object.entries(to)
    .filter(isState)
    .map(([name]) => name);
  if (names.length !== Object.keys(from).length) return false;
  return names.every((name) => {
    if (typeof to[name] === 'object') return putFields(to[name], from[name]);
    if (typeof from[name] !== typeof to[name]) return false;
    to[name] = from[name];
    return true;
  });
}

/** Not parameters; a typed array is never frozen, and a number always. */
function isState([, field]: [string, unknown]): boolean {
  return typeof field !== 'object' || !Object.isFrozen(field);
}
