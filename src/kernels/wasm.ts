/** The WASM SIMD kernels (assembly/codec). */
import { type Arena, arenaOver, classCounts } from './arena.js';
import { WASM_BASE64 } from './codec-wasm.generated.js';
import type { Kernels, PredictorStart } from './kernels.js';
import { ARENA_BYTES, CLASSES, PLANE_BYTES, TABLE } from './offsets.js';
import { scalingOf } from './reciprocals.js';
import { type WasmMemory, WasmProgram } from './wasm-program.js';

/** Exports of assembly/codec/index.ts; booleans are i32. */
interface WasmExports {
  readonly memory: WasmMemory;
  unpack(src: number, end: number, dst: number, highDst: number, n: number): number;
  untans(src: number, end: number, dst: number, highDst: number, n: number, isPart: boolean): number;
  predict32(
    kind: number,
    dst: number,
    a: number,
    b: number,
    n: number,
    zigzag: boolean,
    first: number,
    firstDelta: number,
    offset: number,
  ): void;
  predict64(
    kind: number,
    dst: number,
    a: number,
    b: number,
    n: number,
    zigzag: boolean,
    first: bigint,
    firstDelta: bigint,
    offset: bigint,
  ): void;
  predictTiers(
    wide: boolean,
    kind: number,
    dst: number,
    a: number,
    b: number,
    n: number,
    zigzag: boolean,
    first: bigint,
    firstDelta: bigint,
    offset: bigint,
    grain: bigint,
  ): void;
  countFlags(n: number): number;
  mergeGroups(wide: boolean, dst: number, n: number, table: number): void;
  predictLpc(
    dst: number,
    n: number,
    zigzag: boolean,
    first: bigint,
    offset: bigint,
    table: number,
    order: number,
  ): void;
  emitDoubles(
    src: number,
    n: number,
    wide: boolean,
    form: number,
    exponent: number,
    base: number,
    tick: number,
    factor: number,
    scale: number,
  ): void;
  emitRatios(src: number, n: number, wide: boolean, base: number, tick: number, divisor: number): void;
  emitSmoothed(
    src: number,
    n: number,
    wide: boolean,
    exponent: number,
    base: number,
    tick: number,
    alpha: number,
    seed: number,
  ): void;
  deltaDoubles(
    dst: number,
    n: number,
    zigzag: boolean,
    first: number,
    offset: number,
    base: number,
    tick: number,
    factor: number,
    scale: number,
  ): void;
  packedDeltaDoubles(
    src: number,
    end: number,
    dst: number,
    n: number,
    zigzag: boolean,
    first: number,
    offset: number,
    base: number,
    tick: number,
    factor: number,
    scale: number,
  ): number;
  crc32c(length: number, seed: number): number;
  emitIntegers(src: number, n: number, wide: boolean, base: bigint, tick: bigint): void;
  emitBits(src: number, n: number): void;
  toDecimal(dst: number, n: number, form: number, exponent: number): number;
  residuals32(kind: number, n: number): void;
  extremes32(src: number, n: number): void;
  mapResiduals32(src: number, n: number, zigzag: boolean, offset: number): void;
  pack(src: number, highSrc: number, n: number, dst: number): number;
  tans(n: number, wide: boolean, mantissaBits: number, tableLog: number, dst: number): number;
  extremes(src: number, n: number): void;
  indivisible(from: number, n: number, base: number, divisor: number): number;
  histogram(n: number, wide: boolean, mantissaBits: number): void;
  tiers32(kind: number, n: number, grain: number): number;
  narrow(n: number, base: number, tick: number): void;
  equal(other: number, bytes: number): number;
  residuals(src: number, n: number, kind: number): void;
  residualsLpc(src: number, n: number, table: number, order: number): void;
}

const program = new WasmProgram<WasmExports>(WASM_BASE64);

/** The WASM kernels, or undefined where this engine cannot run them. */
export function createWasmKernels(): Kernels | undefined {
  const exports = program.instantiate(ARENA_BYTES);
  return exports && kernelsOver(exports, arenaOver(exports.memory.buffer));
}

function kernelsOver(wasm: WasmExports, arena: Arena): Kernels {
  const high = (dst: number, wide: boolean) => (wide ? dst + PLANE_BYTES : 0);
  return {
    name: 'wasm',
    arena,
    unpack: (src, end, dst, n, wide) => wasm.unpack(src, end, dst, high(dst, wide), n),
    untans: (src, end, dst, n, wide, isPart = false) => wasm.untans(src, end, dst, high(dst, wide), n, isPart),
    predict: (dst, a, b, n, start) => predict(wasm, dst, a, b, n, start),
    predictTiers: (dst, a, b, n, { kind, wide, zigzag, first, firstDelta, offset }, grain) =>
      wasm.predictTiers(wide, kind, dst, a, b, n, zigzag, first, firstDelta, offset, BigInt(grain)),
    countFlags: (n) => wasm.countFlags(n),
    mergeGroups: (dst, n, wide, grains, starts) => {
      for (let g = 0; g < grains.length; g++) {
        arena.i64[(CLASSES >> 3) + 2 * g] = BigInt(grains[g]);
        arena.i64[(CLASSES >> 3) + 2 * g + 1] = BigInt(starts[g]);
      }
      wasm.mergeGroups(wide, dst, n, CLASSES);
    },
    predictLpc: (dst, n, { zigzag, first, offset }, coefficients) => {
      arena.f64.set(coefficients, TABLE >> 3);
      wasm.predictLpc(dst, n, zigzag, first, offset, TABLE, coefficients.length);
    },
    emitDoubles: (src, n, wide, form, exponent, base, tick) => {
      const { factor, scale } = scalingOf(form, exponent, base, tick);
      wasm.emitDoubles(src, n, wide, form, exponent, base, tick, factor, scale);
    },
    emitRatios: (src, n, wide, base, tick, divisor) => wasm.emitRatios(src, n, wide, base, tick, divisor),
    emitSmoothed: (src, n, wide, exponent, base, tick, alpha, seed) =>
      wasm.emitSmoothed(src, n, wide, exponent, base, tick, alpha, seed),
    deltaDoubles: (dst, n, { zigzag, first, offset }, form, exponent, base, tick) => {
      const { factor, scale } = scalingOf(form, exponent, base, tick);
      wasm.deltaDoubles(dst, n, zigzag, low32(first), low32(offset), base, tick, factor, scale);
    },
    packedDeltaDoubles: (src, end, dst, n, { zigzag, first, offset }, form, exponent, base, tick) => {
      const { factor, scale } = scalingOf(form, exponent, base, tick);
      return wasm.packedDeltaDoubles(src, end, dst, n, zigzag, low32(first), low32(offset), base, tick, factor, scale);
    },
    crc32c: (length, seed) => wasm.crc32c(length, seed) >>> 0,
    emitIntegers: (src, n, wide, base, tick) => wasm.emitIntegers(src, n, wide, base, tick),
    emitBits: (src, n) => wasm.emitBits(src, n),
    toDecimal: (dst, n, form, exponent) => wasm.toDecimal(dst, n, form, exponent),
    residuals32: (kind, n) => {
      wasm.residuals32(kind, n);
      return [arena.i32[CLASSES >> 2], arena.i32[(CLASSES >> 2) + 1]];
    },
    extremes32: (src, n) => {
      wasm.extremes32(src, n);
      return [arena.i32[CLASSES >> 2], arena.i32[(CLASSES >> 2) + 1]];
    },
    mapResiduals32: (src, n, zigzag, offset) => wasm.mapResiduals32(src, n, zigzag, offset),
    pack: (src, n, wide, dst) => {
      arena.staged = undefined;
      return wasm.pack(src, high(src, wide), n, dst);
    },
    tans: (n, wide, mantissaBits, tableLog, dst) => {
      arena.staged = undefined;
      return wasm.tans(n, wide, mantissaBits, tableLog, dst);
    },
    extremes: (src, n) => {
      wasm.extremes(src, n);
      return [arena.f64[CLASSES >> 3], arena.f64[(CLASSES >> 3) + 1]];
    },
    indivisible: (from, n, base, divisor) => wasm.indivisible(from, n, base, divisor),
    histogram: (n, wide, mantissaBits) => {
      wasm.histogram(n, wide, mantissaBits);
      return classCounts(arena, wide, mantissaBits);
    },
    tiers32: (kind, n, grain) => wasm.tiers32(kind, n, grain),
    narrow: (n, base, tick) => wasm.narrow(n, base, tick),
    equal: (other, bytes) => wasm.equal(other, bytes) !== 0,
    residuals: (src, n, kind) => wasm.residuals(src, n, kind),
    residualsLpc: (src, n, coefficients) => {
      arena.f64.set(coefficients, TABLE >> 3);
      wasm.residualsLpc(src, n, TABLE, coefficients.length);
    },
  };
}

function predict(wasm: WasmExports, dst: number, a: number, b: number, n: number, start: PredictorStart): void {
  const { kind, zigzag, first, firstDelta, offset } = start;
  if (start.wide) wasm.predict64(kind, dst, a, b, n, zigzag, first, firstDelta, offset);
  else wasm.predict32(kind, dst, a, b, n, zigzag, low32(first), low32(firstDelta), low32(offset));
}

/** Narrow kernels wrap at 32 bits, so only the low words matter. */
function low32(value: bigint): number {
  return Number(BigInt.asIntN(32, value));
}
