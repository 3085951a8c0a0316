/** A static file server on loopback that counts what it sends, and misbehaves on request. */
import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

/** One request as the server saw it. */
export interface SeenRequest {
  readonly path: string;
  readonly range: string | undefined;
  readonly headers: IncomingMessage['headers'];
  /** Bytes of the body that were sent. */
  sent: number;
}

export interface FileServer {
  readonly url: `http://${string}`;
  readonly requests: SeenRequest[];
  readonly bytes: number;
  reset(): void;
  close(): Promise<void>;
}

/** Takes a request over: true when it was answered. */
export type Misbehaviour = (request: IncomingMessage, response: ServerResponse, body: Uint8Array) => boolean;

export interface ServerOptions {
  readonly ranges?: boolean;
  readonly misbehave?: Misbehaviour;
}

export async function serveFiles(
  directory: string,
  { ranges = true, misbehave }: ServerOptions = {},
): Promise<FileServer> {
  const requests: SeenRequest[] = [];
  const server = createServer((request, response) => {
    const name = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname);
    const seen: SeenRequest = { path: name, range: request.headers.range, headers: request.headers, sent: 0 };
    requests.push(seen);
    const write = response.write.bind(response) as (chunk: unknown, ...rest: unknown[]) => boolean;
    const end = response.end.bind(response) as (chunk?: unknown, ...rest: unknown[]) => ServerResponse;
    const count = (chunk: unknown) => {
      if (typeof chunk === 'string' || chunk instanceof Uint8Array) seen.sent += chunk.length;
    };
    response.write = ((chunk: unknown, ...rest: unknown[]) => {
      count(chunk);
      return write(chunk, ...rest);
    }) as never;
    response.end = ((chunk?: unknown, ...rest: unknown[]) => {
      count(chunk);
      return end(chunk, ...rest);
    }) as never;
    const full = path.join(directory, name);
    let body: Uint8Array;
    try {
      if (!statSync(full).isFile()) throw new Error('a directory');
      body = readFileSync(full);
    } catch {
      if (misbehave?.(request, response, new Uint8Array(0)) === true) return;
      response.writeHead(404).end();
      return;
    }
    if (misbehave?.(request, response, body) === true) return;
    sendFile(request, response, body, ranges);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get bytes() {
      return requests.reduce((sum, { sent }) => sum + sent, 0);
    },
    reset() {
      requests.length = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export function etagOf(body: Uint8Array): string {
  return `"${createHash('md5').update(body).digest('hex')}"`;
}

/** The part that a Range header asks for, as a server gives it. */
export function partOf(range: string | undefined, length: number): readonly [number, number] | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(range ?? '');
  if (match === null || (match[1] === '' && match[2] === '')) return undefined;
  if (match[1] === '') return [Math.max(0, length - Number(match[2])), length];
  return [Number(match[1]), match[2] === '' ? length : Math.min(length, Number(match[2]) + 1)];
}

export function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  body: Uint8Array,
  ranges = true,
  cutAfter = Number.POSITIVE_INFINITY,
): void {
  const etag = etagOf(body);
  const part = ranges ? partOf(request.headers.range, body.length) : undefined;
  const condition = request.headers['if-range'];
  const isPart = part !== undefined && (condition === undefined || condition === etag);
  const [from, to] = isPart ? part : [0, body.length];
  if (isPart && from >= body.length) {
    response.writeHead(416, { 'content-range': `bytes */${body.length}` }).end();
    return;
  }
  response.writeHead(isPart ? 206 : 200, {
    ...(ranges && { etag, 'accept-ranges': 'bytes' }),
    'content-length': to - from,
    ...(isPart && { 'content-range': `bytes ${from}-${to - 1}/${body.length}` }),
  });
  const bytes = body.subarray(from, to);
  if (bytes.length <= cutAfter) {
    response.end(bytes);
    return;
  }
  response.write(bytes.subarray(0, cutAfter), () => setTimeout(() => response.destroy(), 5));
}
