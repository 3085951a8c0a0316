/**
 * Byte shuffle: byte k of every element goes to plane k, so that the slowly changing high bytes of neighbouring numbers
 * lie side by side, where a general coder sees them. `planes[k * count + i] = bytes[i * size + k]`.
 */

/** Whether four-element steps over 32-bit words are possible: planes are then word-aligned too. */
function wordsFit(a: Uint8Array, b: Uint8Array, size: number, count: number): boolean {
  return count % 4 === 0 && size % 4 === 0 && a.byteOffset % 4 === 0 && b.byteOffset % 4 === 0;
}

function wordsOf(bytes: Uint8Array): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
}

/** Elements of `size` bytes into planes. Both arrays have the same length, a multiple of `size`. */
export function shuffle(bytes: Uint8Array, size: number, planes: Uint8Array): void {
  const count = bytes.length / size;
  if (size === 1) {
    planes.set(bytes);
  } else if (wordsFit(bytes, planes, size, count)) {
    shuffleWords(wordsOf(bytes), size >> 2, wordsOf(planes), count >> 2);
  } else {
    for (let plane = 0, to = 0; plane < size; plane++) {
      for (let from = plane; from < bytes.length; from += size) planes[to++] = bytes[from];
    }
  }
}

/** The inverse of `shuffle`. */
export function unshuffle(planes: Uint8Array, size: number, bytes: Uint8Array): void {
  const count = planes.length / size;
  if (size === 1) {
    bytes.set(planes);
  } else if (wordsFit(bytes, planes, size, count)) {
    unshuffleWords(wordsOf(planes), size >> 2, wordsOf(bytes), count >> 2);
  } else {
    for (let plane = 0, from = 0; plane < size; plane++) {
      for (let to = plane; to < bytes.length; to += size) bytes[to] = planes[from++];
    }
  }
}

// Both directions transpose 4x4 bytes held in four words: first pairs of bytes are exchanged, then pairs of halves.

function shuffleWords(source: Int32Array, wordsPerElement: number, planes: Int32Array, stride: number): void {
  for (let word = 0; word < wordsPerElement; word++) {
    let plane = word * 4 * stride;
    for (let i = word; i < source.length; i += 4 * wordsPerElement, plane++) {
      const a = source[i];
      const b = source[i + wordsPerElement];
      const c = source[i + 2 * wordsPerElement];
      const d = source[i + 3 * wordsPerElement];
      const ab = (a & 0x00ff00ff) | ((b & 0x00ff00ff) << 8);
      const abHigh = ((a >>> 8) & 0x00ff00ff) | (b & 0xff00ff00);
      const cd = (c & 0x00ff00ff) | ((d & 0x00ff00ff) << 8);
      const cdHigh = ((c >>> 8) & 0x00ff00ff) | (d & 0xff00ff00);
      planes[plane] = (ab & 0xffff) | (cd << 16);
      planes[plane + stride] = (abHigh & 0xffff) | (cdHigh << 16);
      planes[plane + 2 * stride] = (ab >>> 16) | (cd & 0xffff0000);
      planes[plane + 3 * stride] = (abHigh >>> 16) | (cdHigh & 0xffff0000);
    }
  }
}

function unshuffleWords(planes: Int32Array, wordsPerElement: number, target: Int32Array, stride: number): void {
  for (let word = 0; word < wordsPerElement; word++) {
    let plane = word * 4 * stride;
    for (let i = word; i < target.length; i += 4 * wordsPerElement, plane++) {
      const p0 = planes[plane];
      const p1 = planes[plane + stride];
      const p2 = planes[plane + 2 * stride];
      const p3 = planes[plane + 3 * stride];
      const ab = (p0 & 0xffff) | (p2 << 16);
      const abHigh = (p1 & 0xffff) | (p3 << 16);
      const cd = (p0 >>> 16) | (p2 & 0xffff0000);
      const cdHigh = (p1 >>> 16) | (p3 & 0xffff0000);
      target[i] = (ab & 0x00ff00ff) | ((abHigh & 0x00ff00ff) << 8);
      target[i + wordsPerElement] = ((ab >>> 8) & 0x00ff00ff) | (abHigh & 0xff00ff00);
      target[i + 2 * wordsPerElement] = (cd & 0x00ff00ff) | ((cdHigh & 0x00ff00ff) << 8);
      target[i + 3 * wordsPerElement] = ((cd >>> 8) & 0x00ff00ff) | (cdHigh & 0xff00ff00);
    }
  }
}
