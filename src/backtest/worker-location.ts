/** The file that worker threads run. */
export const workerLocation = new URL('./worker.js', import.meta.url).href;
