/** The reference kernels as one set over a plain buffer. */
import { arenaOver } from '../arena.js';
import type { Kernels } from '../kernels.js';
import { ARENA_BYTES, PLANE_A, PLANE_B, PLANE_BYTES } from '../offsets.js';
import {
  emitBitRows,
  emitDoubleRows,
  emitIntegerRows,
  emitRatioRows,
  emitSmoothedRows,
  toDecimalRows,
} from './decimal.js';
import { packStream } from './pack.js';
import { countFlagRows, mergeGroupRows, predictLpcRows, predictRows, predictTierRows } from './predict.js';
import {
  mapNarrowRows,
  narrowExtremes,
  narrowResidualRows,
  narrowTierRows,
  residualLpcRows,
  residualRows,
} from './residuals.js';
import { equalBytes, extremesOfRows, indivisibleRow, narrowRows } from './scan.js';
import { histogramOfRows, tansStream } from './tans.js';
import { unpackStream } from './unpack.js';
import { untansStream } from './untans.js';

export function createReferenceKernels(): Kernels {
  const arena = arenaOver(new ArrayBuffer(ARENA_BYTES));
  const high = (dst: number, wide: boolean) => (wide ? dst + PLANE_BYTES : 0);
  return {
    name: 'reference',
    arena,
    unpack: (src, end, dst, n, wide) => unpackStream(arena, src, end, dst, high(dst, wide), n),
    untans: (src, end, dst, n, wide, isPart) => untansStream(arena, src, end, dst, high(dst, wide), n, isPart),
    predict: (dst, a, b, n, start) => predictRows(arena, dst, a, b, n, start),
    countFlags: (n) => countFlagRows(arena, n),
    predictTiers: (dst, a, b, n, start, grain) => predictTierRows(arena, dst, a, b, n, start, grain),
    mergeGroups: (dst, n, wide, grains, starts) => mergeGroupRows(arena, dst, n, wide, grains, starts),
    predictLpc: (dst, n, start, coefficients) => predictLpcRows(arena, dst, n, start, coefficients),
    emitDoubles: (src, n, wide, form, exponent, base, tick) =>
      emitDoubleRows(arena, src, n, wide, form, exponent, base, tick),
    deltaDoubles: (dst, n, start, form, exponent, base, tick) => {
      const u = dst === 0 ? PLANE_B : dst;
      predictRows(arena, u, 0, 0, n, start);
      emitDoubleRows(arena, u, n, false, form, exponent, base, tick);
    },
    packedDeltaDoubles: (src, end, dst, n, start, form, exponent, base, tick) => {
      const after = unpackStream(arena, src, end, PLANE_A, 0, n);
      if (after > 0) {
        const u = dst === 0 ? PLANE_B : dst;
        predictRows(arena, u, 0, 0, n, start);
        emitDoubleRows(arena, u, n, false, form, exponent, base, tick);
      }
      return after;
    },
    emitRatios: (src, n, wide, base, tick, divisor) => emitRatioRows(arena, src, n, wide, base, tick, divisor),
    emitSmoothed: (src, n, wide, exponent, base, tick, alpha, seed) =>
      emitSmoothedRows(arena, src, n, wide, exponent, base, tick, alpha, seed),
    emitIntegers: (src, n, wide, base, tick) => emitIntegerRows(arena, src, n, wide, base, tick),
    emitBits: (src, n) => emitBitRows(arena, src, n),
    toDecimal: (dst, n, form, exponent) => toDecimalRows(arena, dst, n, form, exponent),
    residuals32: (kind, n) => narrowResidualRows(arena, kind, n),
    extremes32: (src, n) => narrowExtremes(arena, src, n),
    mapResiduals32: (src, n, zigzag, offset) => mapNarrowRows(arena, src, n, zigzag, offset),
    pack: (src, n, wide, dst) => packStream(arena, src, high(src, wide), n, dst),
    tans: (n, wide, mantissaBits, tableLog, dst) => tansStream(arena, n, wide, mantissaBits, tableLog, dst),
    extremes: (src, n) => extremesOfRows(arena, src, n),
    indivisible: (from, n, base, divisor) => indivisibleRow(arena, from, n, base, divisor),
    histogram: (n, wide, mantissaBits) => histogramOfRows(arena, n, wide, mantissaBits),
    tiers32: (kind, n, grain) => narrowTierRows(arena, kind, n, grain),
    narrow: (n, base, tick) => narrowRows(arena, n, base, tick),
    equal: (other, bytes) => equalBytes(arena, other, bytes),
    residuals: (src, n, kind) => residualRows(arena, src, n, kind),
    residualsLpc: (src, n, coefficients) => residualLpcRows(arena, src, n, coefficients),
  };
}
