/**
 * Exactly the same value: types, bits, key order, holes, prototypes; not identity. Throws with the path of the first
 * difference.
 */
import { types } from 'node:util';

export function expectSame(actual: unknown, expected: unknown, path = 'value'): void {
  const fail = (what: string): never => {
    throw new Error(`${path}: ${what}`);
  };
  if (typeof expected !== 'object' || expected === null) {
    if (!Object.is(actual, expected)) fail(`${String(actual)} instead of ${String(expected)}`);
    return;
  }
  if (typeof actual !== 'object' || actual === null) throw new Error(`${path}: ${String(actual)} instead of an object`);
  const nameOf = (value: object) =>
    Object.getPrototypeOf(value) === null
      ? 'bare'
      : `${value.constructor.name} ${Object.prototype.toString.call(value)}`;
  if (nameOf(actual) !== nameOf(expected)) fail(`${nameOf(actual)} instead of ${nameOf(expected)}`);
  if (ArrayBuffer.isView(expected) || types.isAnyArrayBuffer(expected)) {
    const bytes = (value: object) =>
      ArrayBuffer.isView(value)
        ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
        : Buffer.from(value as ArrayBuffer);
    if (!bytes(actual).equals(bytes(expected))) fail('other bytes');
    return;
  }
  if (types.isDate(expected)) {
    expectSame((actual as Date).getTime(), expected.getTime(), `${path}.getTime()`);
    return;
  }
  if (types.isRegExp(expected)) {
    expectSame(String(actual), String(expected), path);
    return;
  }
  if (types.isMap(expected) || types.isSet(expected)) {
    expectSame([...(actual as Map<unknown, unknown>)], [...expected], `${path}.entries`);
    return;
  }
  const keys = Reflect.ownKeys(expected);
  const found = Reflect.ownKeys(actual);
  if (found.length !== keys.length || found.some((key, i) => key !== keys[i])) {
    fail(`keys ${found.map(String)} instead of ${keys.map(String)}`);
  }
  for (const key of keys) {
    if (typeof key === 'symbol') continue;
    expectSame(Reflect.get(actual, key), Reflect.get(expected, key), `${path}.${key}`);
  }
}
