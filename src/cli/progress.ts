/** Progress of work that takes longer than a second: a bar that is redrawn on a terminal, a plain line now and then elsewhere. */
import { formatCount } from './text.js';

const FIRST_AFTER_MS = 1000;
const TERMINAL_EVERY_MS = 100;
const PLAIN_EVERY_MS = 10_000;
const BAR_CELLS = 24;

export interface Progress {
  /** `share` of the whole, 0 to 1, where it is known. */
  update(done: number, share?: number): void;
  stop(): void;
}

export interface ProgressOptions {
  /** Say nothing: with --json. */
  readonly quiet?: boolean;
  readonly stream?: NodeJS.WriteStream;
}

/** Writes to stderr, so that results on stdout stay clean. */
export function createProgress(
  what: string,
  unit: string,
  { quiet = false, stream = process.stderr }: ProgressOptions = {},
): Progress {
  if (quiet) return { update: () => undefined, stop: () => undefined };
  const started = performance.now();
  const everyMs = stream.isTTY ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS;
  let next = started + FIRST_AFTER_MS;
  let drawn = false;
  return {
    update(done, share) {
      const now = performance.now();
      if (now < next) return;
      next = now + everyMs;
      const seconds = (now - started) / 1000;
      const parts = [`${formatCount(done)} ${unit}`, `${formatCount(Math.round(done / seconds))}/s`];
      if (share !== undefined && share > 0 && share <= 1) {
        parts.push(`${Math.ceil((seconds * (1 - share)) / share)} s left`);
        parts.unshift(`${Math.floor(share * 100)} %`);
        if (stream.isTTY) parts.unshift(barOf(share));
      }
      const text = `${what}: ${parts.join(', ').replace('], ', '] ')}`;
      stream.write(stream.isTTY ? `\r\x1b[K${text.slice(0, (stream.columns ?? 80) - 1)}` : `${text}\n`);
      drawn = stream.isTTY;
    },
    stop() {
      if (drawn) stream.write('\r\x1b[K');
      drawn = false;
    },
  };
}

function barOf(share: number): string {
  const full = Math.round(share * BAR_CELLS);
  return `[${'#'.repeat(full)}${'-'.repeat(BAR_CELLS - full)}]`;
}
