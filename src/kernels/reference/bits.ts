/** Little-endian bit fields at any bit position: bit 0 is the lowest bit of the first byte. */

/** `width` (0..32) bits at bit `position` counted from byte 0 of the view; the field may touch 5 bytes. */
export function bitsAt(view: DataView, position: number, width: number): number {
  if (width === 0) return 0;
  const byte = position >>> 3;
  const shift = position & 7;
  let value = view.getUint32(byte, true) >>> shift;
  if (shift + width > 32) value |= view.getUint8(byte + 4) << (32 - shift);
  return width === 32 ? value >>> 0 : (value & ((1 << width) - 1)) >>> 0;
}
