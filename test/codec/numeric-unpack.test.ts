/** Packed vectors at every width, with exceptions as an encoder writes them and as nobody should. */

import { FORM_INTEGER, PREDICT_DELTA } from '../../src/kernels/kernels.js';
import { INPUT, PLANE_A, SLOTS } from '../../src/kernels/offsets.js';
import { createReferenceKernels } from '../../src/kernels/reference/index.js';
import { createWasmKernels } from '../../src/kernels/wasm.js';
import { hexOf } from './numeric-block.js';

const wasm = createWasmKernels()!;
const reference = createReferenceKernels();
const VECTOR = 1024;

/** One vector: any words, exceptions at these positions. */
function vectorOf(width: number, highWidth: number, positions: readonly number[]): Uint8Array {
  const words = Uint8Array.from({ length: 128 * width }, (_, i) => Math.imul(i + width, 2654435761) >>> 24);
  const fields: number[] = [];
  const put = (value: number, bits: number) => {
    for (let k = 0; k < bits; k++) fields.push((value >>> k) & 1);
  };
  for (const position of positions) put(position, 10);
  for (let k = 0; k < positions.length; k++) put(0x2f1d3b57 >>> (k & 7), highWidth);
  const patches = new Uint8Array(Math.ceil(fields.length / 8));
  fields.forEach((bit, i) => {
    patches[i >> 3] |= bit << (i & 7);
  });
  const head = positions.length > 0 ? [width, positions.length, highWidth] : [width, 0];
  return Uint8Array.from([...head, ...words, ...patches]);
}

const POSITIONS = [[], [0], [3, 4, 500, 1023], [7, 7], [9, 2, 9, 9], [1023, 0, 512, 0]];

test.each([true, false])('every width and exceptions in any order, zigzag %s', (zigzag) => {
  for (let width = 0; width <= 32; width++) {
    for (const positions of POSITIONS) {
      const vector = vectorOf(width, Math.min(7, 32 - width), positions);
      const bytes = new Uint8Array([...vector, ...vector]);
      const offset = zigzag ? 0n : -3n;
      const start = { kind: PREDICT_DELTA, wide: false, zigzag, first: 5n, firstDelta: 0n, offset };
      const [fast, slow] = [wasm, reference].map((kernels) => {
        const { arena } = kernels;
        arena.u8.set(bytes, INPUT);
        const end = INPUT + bytes.length;
        const rows = 2 * VECTOR;
        const after = kernels.packedDeltaDoubles(INPUT, end, SLOTS, rows, start, FORM_INTEGER, 0, 0, 1);
        const integers = arena.i32.slice(SLOTS >> 2, (SLOTS >> 2) + rows);
        const doubles = arena.out.slice(0, rows);
        expect(kernels.unpack(INPUT, end, PLANE_A, rows, false)).toBe(after);
        return { after, integers, doubles, coded: arena.u32.slice(PLANE_A >> 2, (PLANE_A >> 2) + rows) };
      });
      expect(fast.after).toBe(INPUT + bytes.length);
      expect(slow.after).toBe(fast.after);
      expect(hexOf(fast.coded)).toBe(hexOf(slow.coded));
      expect(hexOf(fast.integers)).toBe(hexOf(slow.integers));
      expect(hexOf(fast.doubles)).toBe(hexOf(Float64Array.from(slow.integers)));
    }
  }
});
