// Strategies that worker threads can import in the tests: one that behaves, and ones that do not.
import { appendFileSync, readFileSync } from 'node:fs';
import { threadId } from 'node:worker_threads';

function strategy(name, factory, parameters, push) {
  return {
    name,
    columns: ['close'],
    reference: { module: import.meta.url, factory, parameters },
    start: (table) => ({ push: (block) => push(block, table), finish: () => ({ rows: table.length }) }),
  };
}

export function follow() {
  return strategy('follow', 'follow', [], ({ columns }) => ({
    signal: columns.close.map((close) => (close % 2 > 1 ? 1 : -1)),
  }));
}

/** Ends the thread on one symbol, `times` times; `log` counts across threads. */
export function crash(log, symbol, times) {
  return strategy('crash', 'crash', [log, symbol, times], ({ columns }, table) => {
    if (table.symbol === symbol && readFileSync(log, 'utf8').length < times) {
      appendFileSync(log, 'x');
      process.exit(7);
    }
    return { signal: columns.close };
  });
}

/** Ends the thread on the second block of one symbol, once: its first rows are written by then. */
export function crashLater(log, symbol) {
  return strategy('crashLater', 'crashLater', [log, symbol], ({ columns, start }, table) => {
    if (table.symbol === symbol && start > 0 && readFileSync(log, 'utf8') === '') {
      appendFileSync(log, 'x');
      process.exit(7);
    }
    return { signal: columns.close };
  });
}

export function refuse(symbol) {
  return strategy('refuse', 'refuse', [symbol], ({ columns }, table) => {
    if (table.symbol === symbol) throw new Error('no such price');
    return { signal: columns.close };
  });
}

/** Never gives the thread back. */
export function hang() {
  return strategy('hang', 'hang', [], () => {
    for (;;);
  });
}

/** Every thread answers with an error at about the same time. */
export function refuseAll() {
  return strategy('refuseAll', 'refuseAll', [], () => {
    throw new RangeError('no such price');
  });
}

/** Its summary cannot leave a thread. */
export function boast() {
  const { start, ...rest } = strategy('boast', 'boast', [], ({ columns }) => ({ signal: columns.close }));
  return { ...rest, start: (table) => ({ ...start(table), finish: () => ({ print: () => 'won' }) }) };
}

/** Takes 20 ms a block on whatever thread, the calling one included, and notes which; refuses one symbol. */
export function shared(log, refused) {
  const plain = strategy('shared', 'shared', [log, refused], ({ columns }, table) => {
    appendFileSync(log, `${threadId} ${table.symbol}\n`);
    if (table.symbol === refused) throw new Error('no such price');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    return { signal: columns.close };
  });
  return { ...plain, sharesCallingThread: true };
}
