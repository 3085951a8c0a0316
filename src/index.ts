import { provideNativeCompression } from './codec/natives.js';
import { loadNativeCompression } from './io/native-compression.js';

export type { ArrayFormat, ArrayLayoutOptions } from './array/array-file.js';
export { type CreateArrayOptions, createMemoryMappedArray } from './array/create.js';
export type { ArrayPiece, ArrayValues } from './array/element-stream.js';
export { type ArrayInfo, getMemoryMappedInfo, type LoadArrayOptions, loadMemoryMappedArray } from './array/load.js';
export { MemoryMappedArray } from './array/memory-mapped-array.js';
export type { ArrayOrder } from './array/npy-header.js';
export type { SkippedSymbol } from './backtest/plan.js';
export { type BacktestProgress, type BacktestResult, type RunOptions, runBacktest } from './backtest/runner.js';
export type { BacktestProvider, RowSink, Strategy, StrategyReference, StrategyRun } from './backtest/seams.js';
export type { SymbolResult } from './backtest/symbol-run.js';
export {
  type EquityStatistics,
  TradingAccount,
  type TradingCosts,
  type TradingStatistics,
} from './backtest/trading.js';
export type { SegmentLayout } from './candle-store/candle-segment-writer.js';
export type { CandleEntry } from './candle-store/entry.js';
export type { StoredCandle } from './candle-store/row-shape.js';
export type { CandleSeries } from './candle-store/series.js';
export type { SeriesName } from './candle-store/series-path.js';
export { type CandleStore, type CandleStoreOptions, openCandleStore } from './candle-store/store.js';
export type { ColumnSchema, CompressionAlgorithm, CompressionLevel } from './codec/codec.js';
export type { CompressionOptions } from './codec/compression-options.js';
export type { DecodeLimit } from './codec/decode-columns.js';
export { isFrame } from './codec/frame-format.js';
export {
  type CompressPricesOptions,
  compressPrices,
  type DecompressPricesOptions,
  decompressPrices,
  getCompressionRatio,
} from './codec/prices.js';
export { compressDataFrame, type DecompressDataFrameOptions, decompressDataFrame } from './codec/table-frame.js';
export { type AtcConfig, defineConfig, type FeatureConfig, type ServiceConfig } from './config/keys.js';
export { type LoadConfigOptions, loadConfig, loadConfigSync } from './config/load.js';
export type { ConfigSource, Provenance, ResolvedConfig } from './config/resolve.js';
export type { AmendOptions } from './dataset/amend.js';
export { fromArrow } from './dataset/arrow.js';
export type { BriefSegment, BriefSymbol } from './dataset/brief-catalogue.js';
export type { Catalogue, Segment, SegmentIndex, SegmentPage, SymbolEntry, TimeSpan } from './dataset/catalogue.js';
export { type CheckHistoryOptions, checkHistory, type HistoryCheck } from './dataset/check/check-history.js';
export type { Finding, FindingExample, FindingKind } from './dataset/check/findings.js';
export type { CheckOptions, SymbolCheck } from './dataset/check/symbol-check.js';
export { type ConvertOptions, convertToMemoryMapped, convertToPacked } from './dataset/copy.js';
export {
  type ReadSourceOptions,
  type UpdateDatasetOptions,
  updateDataset,
  type WriteDatasetOptions,
  writeDataset,
} from './dataset/dataset.js';
export type { DirectoryDataset } from './dataset/directory-dataset.js';
export { type ExportOptions, exportDataset } from './dataset/export/export-dataset.js';
export type { ExportedFile, ExportReport } from './dataset/export/export-job.js';
export type { LeanSecurity } from './dataset/export/lean-files.js';
export { findGaps, type Gap, type GapOptions, type GapReport } from './dataset/gaps.js';
export type { HistoryVersion } from './dataset/history/history.js';
export { type History, type HistoryOptions, type HistoryStorage, openHistory } from './dataset/history/history.js';
export { memoryTable } from './dataset/memory.js';
export { openDataset } from './dataset/open.js';
export type { OpenDatasetOptions } from './dataset/open-segments.js';
export type { OpenRemoteDatasetOptions } from './dataset/remote/open-remote.js';
export type { RemoteSymbol } from './dataset/remote/read-catalogue.js';
export type { RemoteDataset } from './dataset/remote/remote-dataset.js';
export type { RemoteBlockOptions, RemoteRowRange, RemoteTable } from './dataset/remote/remote-table.js';
export { type Aggregate, type ResampleOptions, resample } from './dataset/resample.js';
export { type DuckDBConnectionLike, type RegisterOptions, registerDataset } from './dataset/sql/register.js';
export type { SqlTimes } from './dataset/sql/sql-times.js';
export type { SnapshotInfo } from './dataset/versions/snapshot-info.js';
export type { AsOf } from './dataset/versions/version-name.js';
export type { Columns, Dtype, ElementOf, TypedArray, TypedArrayOf } from './dtype.js';
export { EntryDirectory } from './entries/entry-directory.js';
export type { EntryFacts } from './entries/entry-file.js';
export type { EntryDirectoryOptions, EntryWriteOptions, StoredEntry } from './entries/entry-options.js';
export type { PruneReport } from './entries/upkeep.js';
export { AtcError, type AtcErrorCode, type AtcErrorPlace, isAtcError } from './errors.js';
export {
  emitMemoryEvent,
  MEMORY_EVENTS,
  type MemoryEventName,
  type MemoryEventPlace,
  type MemoryEventSizes,
  type MemoryEvents,
  onMemoryEvent,
} from './events.js';
export type { Carrier, FeatureMode } from './feature-mode.js';
export type { CandleWithSymbol, PieceSource, SymbolColumns, SymbolTuples } from './formats/batch.js';
export type { BucketOptions, Session } from './formats/buckets.js';
export type { ParquetCompression } from './formats/export/parquet-pages.js';
export type {
  ArqueroTableLike,
  DuckDbResultLike,
  FrameSource,
  PolarsFrameLike,
} from './formats/frame-source.js';
export type { FileReport, ImportOptions } from './formats/options.js';
export type { HistorySource } from './formats/source.js';
export type { TableSource } from './formats/table-source.js';
export { candlesFromTrades, type TradeOptions } from './formats/trades.js';
export type { Durability } from './io/durability.js';
export type { MapMode, MappingBackendName } from './io/mapping.js';
export type { MappingBackendChoice } from './io/select-backend.js';
export { nearestHint } from './nearest.js';
export type { RemoteAccess } from './remote/access.js';
export type { RemoteTraffic } from './remote/client.js';
export type { S3Access } from './remote/signing.js';
export type { RemoteUrl } from './remote-url.js';
export { applyFeatures } from './services/apply-features.js';
export {
  type ClassMark,
  Compressed,
  type CompressedMethodsOptions,
  type CompressedOptions,
  type MarkableClass,
  MemoryMapped,
  type MemoryMappedOptions,
} from './services/marks.js';
export type { Arguments, FreshnessOptions, WithMemoryMappingOptions } from './services/results/mapping-settings.js';
export { isMemoryMapped, withMemoryMapping } from './services/results/with-memory-mapping.js';
export { type ServiceActivator, serviceActivator } from './services/service-activator.js';
export type { CacheStore } from './services/stores/cache-store.js';
export type { MappedCompressionOptions, WithCompressionOptions } from './services/stores/compression-settings.js';
export type { ReadShape, StoreMethods, WriteShape } from './services/stores/method-map.js';
export { isCompressed, withCompression } from './services/stores/with-compression.js';
export type {
  ArrowTableLike,
  Candle,
  CandleSource,
  CandleTable,
  Dataset,
  DatasetLayout,
  OhlcvTuple,
  RowRange,
  TableBlock,
  ToArrowOptions,
} from './table.js';
export { ArrayPool } from './value/array-pool.js';
export { type DecodeValueOptions, decodeValue, encodeValue } from './value/value-frame.js';

// Registers how to load them; nothing native is loaded before the first chunk that needs it.
provideNativeCompression(loadNativeCompression);
