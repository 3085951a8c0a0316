// Kernels of the numeric codec. Every one has a TypeScript reference of the same name in src/kernels/reference.
export { unpack } from './unpack';
export { untans } from './untans';
export { mergeGroups, predict32, predict64 } from './predict';
export { emitBits, emitDoubles, emitIntegers, emitRatios, emitSmoothed, toDecimal } from './decimal';
export { predictLpc, residuals, residualsLpc } from './bits';
export { crc32c } from './crc';
export { deltaDoubles, packedDeltaDoubles } from './fused';
export { pack } from './pack';
export { extremes32, mapResiduals32, residuals32, tiers32 } from './residuals';
export { equal, extremes, indivisible, narrow } from './scan';
export { histogram, tans } from './tans';
export { countFlags, predictTiers } from './tiers';
export * from './widths';
