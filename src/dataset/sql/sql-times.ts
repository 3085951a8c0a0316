/** How times are given: UTC without a zone, or the numbers that are stored. */
export type SqlTimes = 'timestamp' | 'numbers';
