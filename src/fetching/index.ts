/** The entry point `atc-memory/history`: market history that fetches what it lacks. */
import { provideNativeCompression } from '../codec/natives.js';
import { loadNativeCompression } from '../io/native-compression.js';

export { AtcError, type AtcErrorCode, isAtcError } from '../errors.js';
export { type CcxtHistory, type CcxtHistoryOptions, type CcxtLike, ccxtHistory } from './ccxt-history.js';
export type { ChangedCandle } from './changes.js';
export { keepHistory } from './keep-history.js';
export type { FetchedSymbol, FetchReport, KeptHistory } from './kept-history.js';
export type { FetchProgress, KeepHistoryOptions } from './options.js';
export type { FetchPage, PageRequest } from './requests.js';

// How natives are found; nothing is loaded before a chunk needs one.
provideNativeCompression(loadNativeCompression);
