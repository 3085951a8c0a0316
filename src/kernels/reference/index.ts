/** The reference kernels as one set over a plain buffer. */
import { ARENA_BYTES, arenaOver, PLANE_BYTES } from '../arena.js';
import type { Kernels } from '../kernels.js';
import { emitBitRows, emitDoubleRows, emitIntegerRows, toDecimalRows } from './decimal.js';
import { mergeGroupRows, predictLpcRows, predictRows, predictTierRows } from './predict.js';
import { residualLpcRows, residualRows } from './residuals.js';
import { unpackStream } from './unpack.js';
import { untansStream } from './untans.js';

export function createReferenceKernels(): Kernels {
  const arena = arenaOver(new ArrayBuffer(ARENA_BYTES));
  const high = (dst: number, wide: boolean) => (wide ? dst + PLANE_BYTES : 0);
  return {
    name: 'reference',
    arena,
    unpack: (src, end, dst, n, wide) => unpackStream(arena, src, end, dst, high(dst, wide), n),
    untans: (src, end, dst, n, wide) => untansStream(arena, src, end, dst, high(dst, wide), n),
    predict: (dst, a, b, n, start) => predictRows(arena, dst, a, b, n, start),
    predictTiers: (dst, a, b, n, start, grain) => predictTierRows(arena, dst, a, b, n, start, grain),
    mergeGroups: (dst, n, wide, grains, starts) => mergeGroupRows(arena, dst, n, wide, grains, starts),
    predictLpc: (dst, n, start, coefficients) => predictLpcRows(arena, dst, n, start, coefficients),
    emitDoubles: (src, n, wide, form, exponent, base, tick) =>
      emitDoubleRows(arena, src, n, wide, form, exponent, base, tick),
    emitIntegers: (src, n, wide, base, tick) => emitIntegerRows(arena, src, n, wide, base, tick),
    emitBits: (src, n) => emitBitRows(arena, src, n),
    toDecimal: (dst, n, form, exponent) => toDecimalRows(arena, dst, n, form, exponent),
    residuals: (src, n, kind) => residualRows(arena, src, n, kind),
    residualsLpc: (src, n, coefficients) => residualLpcRows(arena, src, n, coefficients),
  };
}
