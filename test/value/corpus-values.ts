/** What the files of test/value/corpus hold. Never changed: a new version gets a file of its own. */
const NAMES = ['BUY', 'SELL', 'é\ud800'];
const shared = { once: [1, 2, 3] };

export const CORPUS: Readonly<Record<string, { readonly version: number; readonly value: unknown }>> = {
  'version-1': {
    version: 1,
    value: {
      candles: Array.from({ length: 40 }, (_, i) => ({ timestamp: 1.7e12 + i * 60_000, open: 1 + i / 4, close: -0 })),
      orders: Array.from({ length: 40 }, (_, i) => ({
        side: NAMES[i % 3],
        at: new Date(i === 1 ? Number.NaN : i * 1000),
        price: i % 9 ? i / 7 : null,
        open: i % 2 === 0,
        id: BigInt(i) ** 9n,
        $: [`tag ${i}`, { b: i }],
      })),
      numbers: [0, -0, Number.NaN, Infinity, -Infinity, 5e-324, 2 ** 53, 1e21, null, undefined],
      closes: Array.from({ length: 50 }, (_, i) => (i === 7 ? Number.NaN : i % 5 ? i / 3 : -0)),
      ragged: [[1, 2], [3], []],
      short: [
        [1, 2],
        [3, 4],
      ],
      sparse: Object.assign([], { length: 5, 0: 1, 2: 3 }),
      bare: Object.assign(Object.create(null), { a: 1, b: { c: 2 } }),
      map: new Map<unknown, unknown>([[{ key: 1 }, new Set([1, 'a', new Map()])]]),
      regexp: /a+(?<b>c)/giu,
      big: 10n ** 40n,
      binaries: [
        Uint8Array.of(1, 2),
        Buffer.from('x'.repeat(200)),
        new DataView(new ArrayBuffer(8), 1, 2),
        Float32Array.from({ length: 100 }, (_, i) => i / 3),
      ],
      shared: [shared, shared, shared.once],
    },
  },
  'version-2': {
    version: 2,
    value: {
      candles: Array.from({ length: 60 }, (_, i) => [
        1_700_000_040_000 + i * 60_000,
        i === 9 ? Number.NaN : 100 + i / 4,
        i === 9 ? Infinity : 101 + i / 4,
        i === 9 ? -Infinity : 99 + i / 4,
        i === 9 ? -0 : 100.5 + i / 4,
        [null, undefined, i * 7][i % 3],
      ]),
      index: Array.from({ length: 32 }, (_, i) => [i * 60_000, 5e-324 * i, null]),
      book: { bids: Array.from({ length: 50 }, (_, i) => [100 - i / 100, i % 7]), asks: [[100.01, 3]] },
      rows: Array.from({ length: 40 }, (_, i) => ({ id: i, side: NAMES[i % 3] })),
    },
  },
};
