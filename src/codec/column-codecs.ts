/**
 * Every codec there is, one line each. Readers find the decoder of a wire id here, levels what to try and tests what to
 * run; among chunks of equal length the codec that is listed first wins. Wire ids are on disk: append, never renumber,
 * never reuse.
 */
import { SHUFFLE_DEFLATE, SHUFFLE_LZ4, STORED } from './byte-codecs.js';
import type { ColumnCodec } from './codec.js';
import { GROWTH } from './growth/decoder.js';
import { NUMERIC } from './numeric/decoder.js';
import { REPEATS } from './repeats/decoder.js';

export const COLUMN_CODECS: readonly ColumnCodec[] = [STORED, NUMERIC, GROWTH, REPEATS, SHUFFLE_LZ4, SHUFFLE_DEFLATE];
