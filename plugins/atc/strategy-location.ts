/** The file that makes the strategy again in a worker thread. */
export const strategyLocation = new URL('./strategy.js', import.meta.url).href;
