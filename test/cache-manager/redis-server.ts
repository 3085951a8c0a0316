/** A Redis of our own on a random port of the loopback interface, ended by its pid. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';

export interface RedisServer {
  readonly url: string;
  stop(): Promise<void>;
  /** Killed, and after `awayMs` ms started again on the same port. */
  restart(awayMs: number): Promise<void>;
}

/**
 * `more`: other options of redis-server. `aofDirectory`: where its data survive `restart`. Undefined, with a notice, where there is no redis-server; with
 * CI=true its absence is an error.
 */
export async function startRedis(
  aofDirectory?: string,
  more: readonly string[] = [],
): Promise<RedisServer | undefined> {
  if (spawnSync('redis-server', ['--version']).status !== 0) {
    if (process.env.CI === 'true') throw new Error('redis-server is missing: apt-get install redis-server');
    console.warn('redis-server is missing: the tests on a real Redis are left out');
    return undefined;
  }
  const port = await freePort();
  const options = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', ''];
  const lasting = ['--appendonly', 'yes', '--appendfsync', 'always', '--dir', aofDirectory ?? ''];
  const memory = ['--appendonly', 'no', '--dir', '/tmp'];
  options.push(...(aofDirectory === undefined ? memory : lasting));
  options.push(...more);
  let running = await run(options);
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: () => running('SIGTERM'),
    async restart(awayMs) {
      await running('SIGKILL');
      await new Promise((resolve) => setTimeout(resolve, awayMs));
      running = await run(options);
    },
  };
}

/** Returns what ends the server. */
async function run(options: readonly string[]): Promise<(signal: NodeJS.Signals) => Promise<void>> {
  const child = spawn('redis-server', options, { stdio: ['ignore', 'pipe', 'inherit'] });
  await isReady(child);
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  return async (signal) => {
    child.kill(signal);
    await ended;
  };
}

function isReady(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.includes('Ready to accept connections')) resolve();
    });
    child.on('exit', (code) => reject(new Error(`redis-server ended (${code}): ${output}`)));
    child.on('error', reject);
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
