/** `width` (0..32) bits at bit `position` of memory. */
// @ts-ignore: decorator
@inline
export function bitsAt(position: u32, width: u32): u32 {
  return <u32>((load<u64>(position >> 3) >> (position & 7)) & ((<u64>1 << width) - 1));
}
