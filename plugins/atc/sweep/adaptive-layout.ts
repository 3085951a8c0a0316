/**
 * Where the state of one pass over two Kaufman families lies: byte offsets from its start. This file is compiled twice,
 * by TypeScript and by AssemblyScript (assembly/atc-sweep), so it holds nothing but constants.
 *
 * A vector is two doubles, one of each family; nine vectors are the nine lengths in summation order.
 */

/** Bars so far, as a 32-bit number that stops growing at 2^30. */
export const BAR = 0;
/** Consecutive bars with a price, this one included. */
export const CLEAN_RUN = 4;
/** Index of the next record. */
export const POSITION = 8;
/** Records before the first of a span, and bars between two rebuilds of the running sum. */
export const HISTORY = 12;
export const SPAN = 16;
/** Clean bars from which both families are steady. */
export const CLEAN_NEEDED = 20;
/** 1 once every side is known and follows the sign of price - average. */
export const SETTLED = 24;
/** Addresses of the signals of both families; their equities lie one column further. */
export const SIGNALS = 32;
/** Bars before which nothing is lost or gained, and what an equity retains of each bar after it. */
export const CUTOUT = 40;
export const KEPT = 48;
export const PREVIOUS_CLOSE = 56;
export const SLOW = 64;
export const RANGE = 72;
/** A vector each: layer 2. */
export const FAMILY_EQUITY = 80;
export const FAMILY_SIGNAL = 96;
/** Nine pairs of 32-bit lengths. */
export const LENGTHS = 112;
/** Nine vectors each: averages, price - average at the previous bar, sign bits, all ones where known, equities. */
export const VALUE = 192;
export const BEFORE = 336;
export const SIDE = 480;
export const ARMED = 624;
export const EQUITY = 768;
/** Records: the close, the sum of all |changes|. */
export const RECORDS = 912;
export const RECORD_BYTES = 16;
export const TRAVEL = 8;

/** Nine vectors. */
export const LANES_BYTES = 144;
