/**
 * Where the state of eight accounts lies: byte offsets from the start of their group, eight doubles a field. This file
 * is compiled twice, by TypeScript and by AssemblyScript (assembly/accounts), so it holds nothing but constants.
 */

/** Accounts in a group: four vectors of two doubles. */
export const LANES = 8;
export const VALUE = 0;
export const DRAWDOWN = 64;
export const PEAK = 128;
/** Returns so far, their mean, and the sum of their squared distances from it. */
export const COUNT = 192;
export const MEAN = 256;
export const SCATTER = 320;
/** -1, 0 or 1. */
export const POSITION = 384;
/** Positions opened, bars with a position, traded value. */
export const TRADES = 448;
export const HELD = 512;
export const TURNOVER = 576;
export const GROUP_BYTES = 640;

/** Bars that are traded per call at most. */
export const CHUNK = 2048;
