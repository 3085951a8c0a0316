import { jest } from '@jest/globals';
import { createProgress } from '../../src/cli/progress.js';

/** A stream that collects, and a clock that moves by hand. */
function on(isTTY: boolean) {
  const text: string[] = [];
  let now = 1000;
  jest.spyOn(performance, 'now').mockImplementation(() => now);
  const stream = { isTTY, columns: 60, write: (piece: string) => text.push(piece) } as unknown as NodeJS.WriteStream;
  return { stream, text, after: (ms: number) => (now += ms) };
}
afterEach(() => {
  jest.restoreAllMocks();
});

test('work of less than a second prints nothing', () => {
  const { stream, text, after } = on(true);
  const progress = createProgress('import', 'rows', { stream });
  progress.update(0, 0);
  after(999);
  progress.update(10, 0.9);
  progress.stop();
  expect(text).toEqual([]);
});

test('a terminal has a bar that is redrawn and goes at the end', () => {
  const { stream, text, after } = on(true);
  const progress = createProgress('import', 'rows', { stream });
  progress.update(0, 0);
  after(2000);
  progress.update(5000, 0.25);
  expect(text).toEqual([
    '\r\x1b[Kimport: [######------------------] 25 %, 5,000 rows, 2,500/s, 6 s left'.slice(0, 3 + 60),
  ]);
  after(50);
  progress.update(5100, 0.26);
  expect(text).toHaveLength(1);
  after(50);
  progress.update(5200);
  expect(text[1]).toBe('\r\x1b[Kimport: 5,200 rows, 2,476/s');
  progress.stop();
  expect(text[2]).toBe('\r\x1b[K');
});

test('anything else has a plain line now and then', () => {
  const { stream, text, after } = on(false);
  const progress = createProgress('verify', 'rows', { stream });
  progress.update(0, 0);
  for (let second = 1; second <= 22; second++) {
    after(1000);
    progress.update(second * 10, second / 100);
  }
  progress.stop();
  expect(text).toEqual([
    'verify: 1 %, 10 rows, 10/s\n',
    'verify: 11 %, 110 rows, 10/s, 90 s left\n',
    'verify: 21 %, 210 rows, 10/s, 79 s left\n',
  ]);
});

test('speed and time left count from the first update: waiting before it is another work', () => {
  const { stream, text, after } = on(false);
  const progress = createProgress('backtest', 'rows', { stream });
  after(60_000);
  progress.update(500, 0.5);
  after(1000);
  progress.update(600, 0.75);
  expect(text).toEqual(['backtest: 75 %, 600 rows, 100/s, 1 s left\n']);
});

test('with --json nothing', () => {
  const { stream, text, after } = on(true);
  const progress = createProgress('import', 'rows', { stream, quiet: true });
  after(5000);
  progress.update(1, 0.5);
  progress.stop();
  expect(text).toEqual([]);
});
