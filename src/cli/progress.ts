/** Progress of work that takes longer than a second: one line that is rewritten on a terminal, a plain line now and then elsewhere. */
import { formatCount } from './text.js';

const FIRST_AFTER_MS = 1000;
const TERMINAL_EVERY_MS = 100;
const PLAIN_EVERY_MS = 10_000;

export interface Progress {
  update(done: number): void;
  stop(): void;
}

/** Writes to stderr, so that results on stdout stay clean. */
export function createProgress(what: string, unit: string, stream: NodeJS.WriteStream = process.stderr): Progress {
  const started = performance.now();
  const everyMs = stream.isTTY ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS;
  let next = started + FIRST_AFTER_MS;
  let drawn = false;
  return {
    update(done) {
      const now = performance.now();
      if (now < next) return;
      next = now + everyMs;
      const perSecond = Math.round(done / ((now - started) / 1000));
      const text = `${what}: ${formatCount(done)} ${unit}, ${formatCount(perSecond)}/s`;
      stream.write(stream.isTTY ? `\r\x1b[K${text}` : `${text}\n`);
      drawn = stream.isTTY;
    },
    stop() {
      if (drawn) stream.write('\r\x1b[K');
      drawn = false;
    },
  };
}
