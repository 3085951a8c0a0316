/**
 * Definition levels of a plain column, one bit a row: 1 where there is a value. They are runs, each behind a LEB128
 * number n: with n even, n/2 rows of the one value in the next byte; with n odd, 8 rows a byte for (n-1)/2 bytes.
 */

/** Whether the levels in the first `length` bytes say that all of `rows` rows have a value. False for damaged ones. */
export function areAllPresent(bytes: Uint8Array, length: number, rows: number): boolean {
  let at = 0;
  for (let seen = 0; seen < rows; ) {
    let run = 0;
    for (let shift = 0; ; shift += 7) {
      if (at >= length || shift > 28) return false;
      const byte = bytes[at++];
      run += (byte & 127) * 2 ** shift;
      if (byte < 128) break;
    }
    if (run % 2 === 0) {
      if (at >= length || bytes[at] !== 1) return false;
      at += 1;
      seen += run / 2;
      continue;
    }
    for (let left = (run - 1) / 2; left > 0 && seen < rows; left -= 1) {
      // Bits behind the last row may be anything.
      const bits = rows - seen >= 8 ? 255 : 2 ** (rows - seen) - 1;
      if (at >= length || (bytes[at] & bits) !== bits) return false;
      at += 1;
      seen += 8;
    }
    if (run === 1) return false;
  }
  return true;
}
