/** Names of the benchmark's sections: nothing but names, so that the help and the jobs load no section. */

/** In the order in which they run. */
export const SECTION_NAMES = ['memory', 'storage', 'cpu', 'backtest', 'read', 'cache', 'backtest-kit'] as const;

export type SectionName = (typeof SECTION_NAMES)[number];
