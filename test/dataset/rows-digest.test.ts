/** A digest of rows depends on every bit of them and on nothing else. */
import { RowsDigest } from '../../src/dataset/rows-digest.js';

const times = Float64Array.from({ length: 100 }, (_, k) => k * 60_000);
const closes = Float64Array.from({ length: 100 }, (_, k) => Math.sin(k));

function digestOf(cuts: readonly number[], close = closes): string {
  const digest = new RowsDigest();
  let from = 0;
  for (const to of [...cuts, times.length]) {
    digest.update('timestamp', times.subarray(from, to));
    digest.update('close', close.subarray(from, to));
    from = to;
  }
  return digest.digest();
}

test.each([[[1]], [[50]], [[0, 99]], [[10, 20, 30]]])('rows cut at %j have the digest of the whole', (cuts) => {
  expect(digestOf(cuts)).toBe(digestOf([]));
});

test('one bit, a moved value and another name give another digest', () => {
  const minusZero = closes.slice();
  minusZero[0] = -0;
  const moved = closes.slice();
  [moved[3], moved[4]] = [closes[4], closes[3]];
  const renamed = new RowsDigest();
  renamed.update('timestamp', times);
  renamed.update('price', closes);
  const all = [digestOf([]), digestOf([], minusZero), digestOf([], moved), renamed.digest()];
  expect(new Set(all).size).toBe(4);
});

test('where a column ends counts', () => {
  const one = new RowsDigest();
  one.update('a', closes.subarray(0, 10));
  one.update('b', closes.subarray(10, 30));
  const other = new RowsDigest();
  other.update('a', closes.subarray(0, 20));
  other.update('b', closes.subarray(20, 30));
  expect(one.digest()).not.toBe(other.digest());
});
