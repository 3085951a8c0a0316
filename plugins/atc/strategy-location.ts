/** The file that rebuilds the strategy in a worker thread. */
export const strategyLocation = new URL('./strategy.js', import.meta.url).href;
