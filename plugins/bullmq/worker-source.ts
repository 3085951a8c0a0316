/** Where a worker finds the history that a job names. */
import type { FleetSource } from './protocol.js';

/** What `openHistory` takes here for the source of a job. The one place that looks data up. */
export async function sourceOnWorker(source: FleetSource): Promise<FleetSource> {
  return source;
}
