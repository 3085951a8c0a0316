/** Entry point `atc-memory/bullmq`: studies on the workers of a Redis queue. */
export type { RedisConnection } from './host.js';
export type { StudySettings } from './protocol.js';
export { type DistributedOptions, type DistributedStudy, runDistributed } from './run-distributed.js';
export { createWorker, type FleetWorker, type FleetWorkerEvent, type FleetWorkerOptions } from './worker.js';
