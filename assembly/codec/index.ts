// Kernels of the numeric codec. Every one has a TypeScript reference of the same name in src/kernels/reference.
export { unpack } from './unpack';
export { untans } from './untans';
export { mergeGroups, predict32, predict64, predictTiers } from './predict';
export { emitBits, emitDoubles, emitIntegers, toDecimal } from './decimal';
export { predictLpc, residuals, residualsLpc } from './bits';
export { crc32c } from './crc';
export { deltaDoubles } from './fused';
export { mapResiduals32, pack, residuals32 } from './pack';
export { equal, extremes, narrow } from './scan';
export { tans } from './tans';
