/**
 * The entry point `atc-memory/browser`: reads packed files, compressed arrays and tables in a page or a worker of a
 * browser, without a module of Node's and without another package.
 */
export type { ColumnSchema } from '../codec/codec.js';
export type { DecodeLimit } from '../codec/decode-columns.js';
export { isFrame } from '../codec/frame-format.js';
export type { Columns, Dtype, TypedArray } from '../dtype.js';
export { AtcError, type AtcErrorCode, type AtcErrorPlace, isAtcError } from '../errors.js';
export { type DecodeFrameOptions, type Frame, type OpenFrameOptions, openFrame } from './frame.js';
export type { ByteHolder, ByteStream, ByteStreamReader, ByteStreamResult, FrameInput } from './frame-bytes.js';
