/** What the tests of the suite state; thrown as plain errors, so that any test runner reports them. */
import { isFrame } from '../codec/frame-format.js';
import { firstDifference } from '../value/same-value.js';

const TEXT_TAG = 'atc-memory:1:';
const MAGIC = [0xd1, 0x41, 0x54, 0x56];

/** Fails with `what` unless `holds`. */
export function ensure(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

/** Types, bits, key order, holes and prototypes; not identity. */
export function requireSame(actual: unknown, expected: unknown, what: string): void {
  const difference = firstDifference(actual, expected);
  if (difference !== undefined)
    throw new Error(`${what}: ${difference} is not what was set, the store returned ${brief(actual)}`);
}

/** Absent is undefined or null. */
export function requireMiss(actual: unknown, what: string): void {
  if (actual !== undefined && actual !== null) throw new Error(`${what}: expected nothing, got ${brief(actual)}`);
}

/** Whether a stored value is an entry of ours. */
export function isEncoded(stored: unknown): boolean {
  if (typeof stored === 'string') return stored.startsWith(TEXT_TAG);
  return stored instanceof Uint8Array && (isFrame(stored) || MAGIC.every((byte, i) => stored[i] === byte));
}

/** The same with one bit of its content changed; what is no entry stays as it is. */
export function damaged(stored: unknown): unknown {
  if (!isEncoded(stored)) return stored;
  if (typeof stored === 'string') {
    const bytes = Buffer.from(stored.slice(TEXT_TAG.length), 'base64');
    return TEXT_TAG + flipped(bytes).toString('base64');
  }
  return flipped(Buffer.from(stored as Uint8Array));
}

function flipped(bytes: Buffer): Buffer {
  bytes[Math.floor(bytes.length * 0.7)] ^= 0x10;
  return bytes;
}

/** For messages. */
export function brief(value: unknown): string {
  let text: string;
  try {
    text = typeof value === 'object' ? (JSON.stringify(value) ?? String(value)) : String(value);
  } catch {
    text = Object.prototype.toString.call(value);
  }
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
