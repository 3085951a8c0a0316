/** Serves the figures of a worker to Prometheus, which asks for them. */
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { AtcError } from 'atc-memory';
import type { QueueCounts, WorkerMetrics } from './metrics.js';
import { numberShown, reject } from './wanted.js';

/** Where figures are served. */
export interface MetricsOptions {
  /** 0 takes one that is free. */
  readonly port: number;
  /** Address that is listened on: there is no password. Default '127.0.0.1', this machine alone. */
  readonly host?: string;
}

/** ms that Prometheus is let wait for a Redis that does not answer. */
const COUNTS_MS = 1000;

export interface MetricsServer {
  /** Such as `http://127.0.0.1:9464/metrics`. */
  readonly url: string;
  close(): Promise<void>;
}

/** @throws AtcError ARGUMENT for a port that cannot be. */
export function requireMetrics(options: MetricsOptions): void {
  const port: unknown = options?.port;
  if (Number.isSafeInteger(port) && (port as number) >= 0 && (port as number) <= 65_535) return;
  reject('metrics', `has the port ${numberShown(port)}; allowed: 0 to 65535`);
}

/** @throws AtcError IO for a port that is taken. */
export async function serveMetrics(
  { port, host = '127.0.0.1' }: MetricsOptions,
  metrics: WorkerMetrics,
  countJobs: () => Promise<QueueCounts>,
): Promise<MetricsServer> {
  const { createServer } = await import('node:http');
  const server = createServer(async ({ url, method }, response) => {
    if (new URL(url ?? '', 'http://worker').pathname !== '/metrics' || (method !== 'GET' && method !== 'HEAD')) {
      response.writeHead(404).end();
      return;
    }
    const counts = await Promise.race([countJobs().catch(() => undefined), wait(COUNTS_MS, undefined, { ref: false })]);
    response.setHeader('content-type', 'text/plain; version=0.0.4; charset=utf-8');
    response.end(metrics.text(counts));
  });
  await listening(server, port, host);
  const { address, family, port: taken } = server.address() as AddressInfo;
  const shown = family === 'IPv6' ? `[${address}]` : address;
  return { url: `http://${shown}:${taken}/metrics`, close: () => closed(server) };
}

function listening(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause) => {
      reject(new AtcError('IO', `metrics cannot be served at ${host}:${port}: ${cause.message}`, { cause }));
    });
    server.listen(port, host, resolve);
  });
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
