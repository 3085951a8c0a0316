/**
 * Progress of work that takes longer than a second: a bar that is redrawn on a terminal, a plain line now and then
 * elsewhere.
 */
import { escapeLine } from './output.js';
import { formatCount } from './text.js';

const FIRST_AFTER_MS = 1000;
const TERMINAL_EVERY_MS = 100;
const PLAIN_EVERY_MS = 10_000;
const BAR_CELLS = 24;
/** A share of the work this small predicts nothing about the rest. */
const LEAST_SHARE = 0.02;

export interface Progress {
  /** `share` of the whole, 0 to 1, where it is known. */
  update(done: number, share?: number): void;
  stop(): void;
}

export interface ProgressOptions {
  /** Print nothing: with --json. */
  readonly quiet?: boolean;
  readonly stream?: NodeJS.WriteStream;
}

/**
 * Writes to stderr, so that results on stdout stay clean. Speed and time left count from the first update: what comes
 * before it, such as reading the files, is no part of this work.
 */
export function createProgress(
  what: string,
  unit: string,
  { quiet = false, stream = process.stderr }: ProgressOptions = {},
): Progress {
  if (quiet) return { update: () => undefined, stop: () => undefined };
  const everyMs = stream.isTTY ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS;
  let first: { readonly ms: number; readonly done: number; readonly share: number } | undefined;
  let next = 0;
  let drawn = false;
  return {
    update(done, share) {
      const now = performance.now();
      if (first === undefined) {
        first = { ms: now, done, share: share ?? 0 };
        next = now + FIRST_AFTER_MS;
      }
      if (now < next) return;
      next = now + everyMs;
      const seconds = (now - first.ms) / 1000;
      const parts = [`${formatCount(done)} ${unit}`, `${formatCount(Math.round((done - first.done) / seconds))}/s`];
      if (share !== undefined && share > 0 && share <= 1) {
        const gained = share - first.share;
        if (gained >= LEAST_SHARE) parts.push(`${Math.ceil((seconds * (1 - share)) / gained)} s left`);
        parts.unshift(`${Math.floor(share * 100)} %`);
        if (stream.isTTY) parts.unshift(barOf(share));
      }
      const text = escapeLine(`${what}: ${parts.join(', ').replace('], ', '] ')}`);
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
