/** IEEE 754 half precision (binary16): sign 1 bit, exponent 5, fraction 10. */

/** Exactly the same numbers as doubles. */
export function halfFloats(bits: Uint16Array): Float64Array {
  return Float64Array.from(bits, halfFloat);
}

function halfFloat(bits: number): number {
  const sign = (bits & 0x8000) === 0 ? 1 : -1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
