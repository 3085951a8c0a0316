/**
 * Algebra of CRC-32C: the checksum of a concatenation from those of its parts, and back. So a segment can be cut, and
 * segments be joined, without reading all of their rows again. Appending n zero bytes multiplies the CRC (as a
 * polynomial over GF(2), modulo the CRC's own) by x^(8n); M. Adler's crc32_combine in zlib does the same.
 */

/** Reflected: bit 31 is x^0. */
const POLYNOMIAL = 0x82f63b78;
/** The polynomial is (x + 1) times a primitive one of degree 31, so the powers of x repeat after this many. */
const ORDER = 2 ** 31 - 1;

/** CRC of A followed by B, from both CRCs and the bytes of B. */
export function joinCrc(first: number, second: number, secondBytes: number): number {
  return (shift(first, secondBytes) ^ second) >>> 0;
}

/** CRC of B, from the CRCs of AB and A and the bytes of B. */
export function crcAfter(whole: number, first: number, secondBytes: number): number {
  return (whole ^ shift(first, secondBytes)) >>> 0;
}

/** CRC of A, from the CRCs of AB and B and the bytes of B. */
export function crcBefore(whole: number, second: number, secondBytes: number): number {
  return multiply(powerOfX(ORDER - bitsOf(secondBytes)), (whole ^ second) >>> 0) >>> 0;
}

function shift(crc: number, bytes: number): number {
  return multiply(powerOfX(bitsOf(bytes)), crc);
}

function bitsOf(bytes: number): number {
  return ((bytes % ORDER) * 8) % ORDER;
}

/** x^exponent, by squaring. */
function powerOfX(exponent: number): number {
  let result = 0x80000000;
  let power = 0x40000000;
  for (let left = exponent; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = multiply(power, result);
    power = multiply(power, power);
  }
  return result;
}

function multiply(a: number, b: number): number {
  let product = 0;
  let shifted = b;
  for (let bit = 31; bit >= 0; bit -= 1) {
    if ((a >>> bit) & 1) product ^= shifted;
    shifted = shifted & 1 ? (shifted >>> 1) ^ POLYNOMIAL : shifted >>> 1;
  }
  return product;
}
