export type { Columns, Dtype, TypedArray } from './dtype.js';
export { AtcError, type AtcErrorCode, isAtcError } from './errors.js';
