/** Values as caches of trading systems hold them, and those that try to pass for entries of ours. */
import { encodeValue } from 'atc-memory';

export function candles(count: number, from = 100) {
  let close = from;
  return Array.from({ length: count }, (_, i) => {
    const open = close;
    close = Math.round((close + Math.sin(i) / 3) * 100) / 100;
    const high = Math.max(open, close) + 0.01;
    return { timestamp: 1.6e12 + i * 60_000, open, high, low: open - 0.25, close, volume: i * 7 };
  });
}

/** Every one of them survives JSON, so that hosts with JSON files can be compared too. */
export function plainValues(): Record<string, unknown> {
  return {
    'candles:BTC': candles(400),
    'candles:ETH': { symbol: 'ETH', rows: candles(200, 7), updated: '2024-01-01' },
    ema: Array.from({ length: 600 }, (_, i) => Math.round(1e6 * Math.cos(i / 50)) / 1e6),
    settings: { depth: 20, pairs: ['BTC', 'ETH'] },
    note: 'short',
    'long text': 'trend '.repeat(300),
    zero: 0,
    no: false,
    'tagged text': 'atc-memory:1:this is not ours',
  };
}

/** What only a host that keeps live objects hands back as it was. */
export function liveValues(): Record<string, unknown> {
  return {
    ...plainValues(),
    'typed array': Float64Array.from({ length: 1000 }, (_, i) => (i % 5 ? Math.round(i * 1.7) : Number.NaN)),
    'a map': new Map([['rows', candles(150)]]),
    'like an entry': Buffer.from([0xd1, 0x41, 0x54, 0x56, 1, 1, 9, 9, 9, 9, 9, 9]),
    'encoded by the user': Buffer.from(encodeValue({ mine: candles(50) })),
    'tagged like an entry': 'atc-memory:1:0UFUVgEBnot really',
    dates: Array.from({ length: 100 }, (_, i) => new Date(i * 86_400_000)),
  };
}
