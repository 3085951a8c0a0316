/** What a worker and its threads send each other. */
import type { MessagePort } from 'node:worker_threads';
import type { FleetJob, FleetResult } from './protocol.js';

/** What a worker gives its threads. */
export interface ThreadSettings {
  readonly cacheDir?: string;
  readonly sharedDirectory?: string;
  /** Modules whose strategies may run; undefined for all. */
  readonly strategies?: readonly string[];
  readonly dataFrom?: readonly string[];
}

/** One job; through the port come shares of it that are done, and any message to it cancels the job. */
export interface ThreadTask {
  readonly id: string;
  readonly job: FleetJob;
  readonly port: MessagePort;
}

/** A result, or why there is none: `CODE: message`. A clone of an error has neither class nor code. */
export type ThreadAnswer = { readonly result: FleetResult } | { readonly failure: string; readonly isFinal: boolean };
