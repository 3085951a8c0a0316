/** Entry point `atc-memory/bullmq`: backtests and studies on the workers of a Redis queue. */
export type { DistributedBacktest, DistributedBacktestOptions } from './backtest-run.js';
export type { FleetOptions } from './collect.js';
export type { RedisConnection } from './host.js';
export type { MetricsOptions } from './metrics-server.js';
export type { FleetSource, FleetStrategy, StudySettings } from './protocol.js';
export { runDistributed } from './run-distributed.js';
export type { DistributedOptions, DistributedStudy } from './study-run.js';
export { createWorker, type FleetWorker } from './worker.js';
export type { FleetWorkerEvent, FleetWorkerOptions } from './worker-options.js';
