/**
 * Where the state of one symbol lies: byte offsets from its start. This file is compiled twice, by TypeScript and by
 * AssemblyScript (assembly/atc), so it holds nothing but constants that both understand.
 *
 * A vector is two doubles. The 54 averages are paired into 27 vectors, three pairs of families by nine lengths in
 * summation order: (ema, dema), (wma, lsma), (hma, kama). Hull and Kaufman averages are computed two lengths at a time
 * instead, in five vectors whose last lane repeats the ninth length, and are interleaved afterwards.
 */

/** Header: doubles and 32-bit integers, 8 bytes each. */
export const BAR = 0;
/** Consecutive bars with a price, this one included. */
export const CLEAN_RUN = 8;
export const CUTOUT = 16;
/** Index of the next price record. */
export const POSITION = 24;
/** Prices enter the running sums as their distance from this one, which keeps the sums small. */
export const ANCHOR = 32;
/** The largest such distance in the records. */
export const REACH = 40;
export const PREVIOUS_CLOSE = 48;
/** The last close that was not NaN. */
export const KNOWN_CLOSE = 56;
/** What an equity retains each bar. */
export const KEPT = 64;
export const CUT_LONG = 72;
export const CUT_SHORT = 80;
/** An average this close to the price is summed again directly: a share of the price, and a share of the reach. */
export const PRICE_GUARD = 88;
export const REACH_GUARD = 96;
export const KAMA_SLOW = 104;
export const KAMA_RANGE = 112;
/** 1 once every side is known and follows the sign of price - average. */
export const SETTLED = 120;
/** Which of the two copies of the recursive averages is current: 0, or RECURSIVE_BYTES. */
export const CURRENT = 128;
export const PREVIOUS_SIGNAL = 136;
/** 1 with strategyMode. */
export const SHIFTED = 144;
/** Price records before the first of a span. */
export const HISTORY = 152;
/** Bars between two rebuilds of the running sums. */
export const SPAN = 160;
/** Clean bars from which every average over a window is defined and every recursion runs. */
export const CLEAN_NEEDED = 168;
/** Bars after which every exponential average is seeded. */
export const SEED_NEEDED = 176;
/** Rows of inner Hull values before the first of a span, and where they begin. */
export const ROW_HISTORY = 184;
export const ROWS = 192;

/**
 * Nine vectors (ema, dema): the share retained and the share taken, of the first recursion and of the second (idle for
 * ema).
 */
export const EMA_KEEP = 256;
export const EMA_TAKE = 400;
export const EMA_KEEP2 = 544;
export const EMA_TAKE2 = 688;
/** Factor of the first recursion in the average: (1, 2). */
export const EMA_FACTOR = 832;

/** Nine vectors (wma, lsma): M = a·P + b·(Q[-m] - Q) - c·P[-m]. */
export const FIT_SUM = 848;
export const FIT_RAMP = 992;
export const FIT_OLD = 1136;
/** Nine pairs (wma, lsma) of 32-bit distances, in bytes, to the record `length` bars back (negative). */
export const FIT_BACK = 1280;

/**
 * Five vectors of hma lengths: d = a·P + h·(Q[-half] - Q) - w·(Q[-whole] - Q), then the weighted mean of r values of
 * d.
 */
export const HULL_SUM = 1360;
export const HULL_HALF = 1440;
export const HULL_WHOLE = 1520;
export const HULL_ROOT = 1600;
/** 1 / (1 + 2 + … + r) */
export const HULL_SCALE = 1680;
/** Five pairs of distances in bytes each: to the records, and, lane included, to the row r bars back. */
export const HULL_HALF_BACK = 1760;
export const HULL_WHOLE_BACK = 1800;
export const HULL_ROW_BACK = 1840;

/** Five pairs of distances of the kama lengths, in bytes. */
export const KAMA_BACK = 1880;

/** Nine lengths of each family as 32-bit numbers, in the order of ATC_FAMILIES. */
export const LENGTHS = 1920;

/** Two copies of: nine vectors of first recursions, nine of second ones, five of kama values. */
export const RECURSIVE = 2144;
export const SECOND = 144;
export const ADAPTIVE = 288;
export const RECURSIVE_BYTES = 368;
/** Nine vectors (ema, dema): what a gap leaves of the old value's weight. 1 without a gap. */
export const GAP_WEIGHT = 2880;
/** Five vectors: plain and weighted sums of the inner Hull values in the window. */
export const HULL_PLAIN = 3024;
export const HULL_WEIGHTED = 3104;

/**
 * 27 vectors each, pair by pair. Price - average; the same at the previous bar, while not settled; the sign bit of the
 * side; all ones where the side is known; the equity. A 28th vector of distances takes the repeated lane.
 */
export const PAIR_BYTES = 144;
export const DISTANCE = 3184;
export const BEFORE = 3632;
export const SIDE = 4064;
export const ARMED = 4496;
export const EQUITY = 4928;

/** Three vectors: equities and signals of the families. */
export const FAMILY_EQUITY = 5360;
export const FAMILY_SIGNAL = 5408;

/** Three vectors each: a bar's votes and equities, summed over nine lengths. */
export const FAMILY_VOTES = 5456;
export const FAMILY_TOTAL = 5504;

/** Five vectors each, between two loops of one bar: price - Hull average, and the pace of the Kaufman averages. */
export const HULL_DISTANCE = 5552;
export const PACE = 5632;

/** exp(L·k), k = 0 … 63. */
export const GROWTH = 5712;

/**
 * Price - average of windows that hold one price alone: eighteen vectors, (wma, lsma) and (hma, unused); and the price
 * they are for, NaN for none. They follow from the price, so a saved state does without them.
 */
export const STILL = 6224;
export const STILL_CLOSE = 6512;

/**
 * Least-squares averages two lengths at a time, five vectors each, the last lane repeated: the length n, Σx, Σx²,
 * n·Σx² - (Σx)².
 */
export const LINE_LENGTH = 6528;
export const LINE_SUM = 6608;
export const LINE_SQUARES = 6688;
export const LINE_DIVISOR = 6768;

/** Price records, then the rows of inner Hull values. */
export const RECORDS = 6848;
/**
 * A record: the sum of all earlier P (Q), the sum of all distances from the anchor (P), the close, the sum of all
 * |changes|.
 */
export const RECORD_BYTES = 32;
export const RECORD_PLAIN = 8;
export const RECORD_CLOSE = 16;
export const RECORD_TRAVEL = 24;
/** A row: five vectors. */
export const ROW_BYTES = 80;

/**
 * A window whose travel is below this share of the running sum is summed again directly: the difference lost its
 * digits.
 */
export const TRAVEL_GUARD = 0.00390625;
