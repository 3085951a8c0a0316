export type { RowSink, Strategy, StrategyRun } from './backtest/seams.js';
export type { CandleTable, RowRange, TableBlock } from './dataset/table.js';
export type { Columns, Dtype, TypedArray } from './dtype.js';
export { AtcError, type AtcErrorCode, isAtcError } from './errors.js';
export { nearestHint } from './nearest.js';
