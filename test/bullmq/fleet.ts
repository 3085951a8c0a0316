/** Worker processes of the tests, each ended by its pid. */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { Queue } from 'bullmq';

export class Program {
  output = '';
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;

  /** `namespace`: the network that it is in. */
  constructor(file: string, args: readonly unknown[], cwd?: string, namespace?: string) {
    const script = path.resolve('test/bullmq', file);
    const command = [process.execPath, script, ...args.map((one) => JSON.stringify(one))];
    // `ip` becomes the program: signals reach it.
    const [program, ...rest] = namespace === undefined ? command : ['ip', 'netns', 'exec', namespace, ...command];
    this.#child = spawn(program, rest, {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    this.ended = new Promise((resolve) => this.#child.on('exit', resolve));
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits until the program has printed the text that often. */
  async printed(text: string, times = 1): Promise<void> {
    while (this.output.split(text).length <= times) {
      if (!this.isAlive) throw new Error(`the program ended: ${this.output}`);
      await sleep(20);
    }
  }
}

/** Workers, of which one that dies is replaced, as a service manager does. */
export class Fleet {
  readonly workers: Program[];
  /** Everything that workers, dead ones too, have printed. */
  readonly all: Program[] = [];
  #isOpen = true;
  readonly #start: () => Program;

  constructor(count: number, options: object, cwd?: string, namespace?: string) {
    this.#start = () => {
      const worker = new Program(
        'fleet-worker.mjs',
        [{ lockMs: 2000, stalledIntervalMs: 500, ...options }],
        cwd,
        namespace,
      );
      this.all.push(worker);
      return worker;
    };
    this.workers = Array.from({ length: count }, (_, k) => this.#keep(k));
  }

  #keep(k: number): Program {
    const worker = this.#start();
    void worker.ended.then(() => {
      if (this.#isOpen) this.workers[k] = this.#keep(k);
    });
    return worker;
  }

  /** Drains all and waits for their end; true when each ended well. */
  async close(): Promise<boolean> {
    this.#isOpen = false;
    // One that cannot drain must not outlive the test.
    const timer = setTimeout(() => {
      for (const one of this.workers) one.kill('SIGKILL');
    }, 20_000);
    await Promise.all(
      this.workers.map((one) => Promise.race([one.printed('ready').catch(() => undefined), one.ended])),
    );
    for (const one of this.workers) one.kill('SIGTERM');
    const codes = await Promise.all(this.workers.map(({ ended }) => ended));
    clearTimeout(timer);
    return codes.every((code) => code === 0);
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Runs with a fleet, which is drained whatever happens. */
export async function withFleet<Result>(workers: number, options: object, run: (fleet: Fleet) => Promise<Result>) {
  const fleet = new Fleet(workers, options);
  try {
    return await run(fleet);
  } finally {
    await fleet.close();
  }
}

/** Asks a queue. */
export async function inQueue<Result>(
  { connection, queue }: { readonly connection: string; readonly queue: string },
  ask: (queue: Queue) => Promise<Result>,
): Promise<Result> {
  const asked = new Queue(queue, { connection: { url: connection } });
  try {
    return await ask(asked);
  } finally {
    await asked.close();
  }
}
