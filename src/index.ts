import { provideNativeCompression } from './codec/natives.js';
import { loadNativeCompression } from './io/native-compression.js';

export type { CompressionAlgorithm } from './codec/codec.js';
export type { CompressionOptions } from './codec/compression-options.js';
export { isFrame } from './codec/frame-layout.js';
export type { DecodeLimit } from './codec/one-shot.js';
export { type CompressPricesOptions, compressPrices, decompressPrices, getCompressionRatio } from './codec/prices.js';
export { compressDataFrame, type DecompressDataFrameOptions, decompressDataFrame } from './codec/table-frame.js';
export type { Columns, Dtype, TypedArray } from './dtype.js';
export { AtcError, type AtcErrorCode, isAtcError } from './errors.js';

// Registers how to load them; nothing native is loaded before the first chunk that needs it.
provideNativeCompression(loadNativeCompression);
