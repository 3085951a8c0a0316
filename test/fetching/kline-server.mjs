// A loopback server that speaks the candle endpoints of two exchanges as ccxt asks them: one that counts from the
// beginning of a page (Binance, /api/v3/klines) and one that counts from its end (Bybit, /v5/market/kline). It behaves
// as badly as it is told to, and logs every request. Run: node kline-server.mjs '{"rows": 1000}'; prints its port.
import { createServer } from 'node:http';

export const MINUTE = 60_000;
export const START = Date.UTC(2023, 0, 1);

/** The candle of minute `i`: numbers that need all their digits. */
export function candleAt(i) {
  const open = 20_000 + Math.sin(i / 7) * 900 + 0.1;
  const close = 20_000 + Math.sin((i + 1) / 7) * 900 + 0.1;
  return [
    START + i * MINUTE,
    open,
    Math.max(open, close) + (i % 13) / 3,
    Math.min(open, close) - (i % 17) / 7,
    close,
    Math.abs(Math.sin(i * 12.9898)) * 5,
  ];
}

/**
 * @typedef {object} Behaviour
 * @property {number} rows minutes that there are, the last one still open when `open` is set
 * @property {[number, number][]} [holes] minutes that are missing
 * @property {number} [cap] most rows of a page, default 1000
 * @property {number} [busyEvery] every n-th request is answered 429, with Retry-After
 * @property {number} [retryAfter] seconds of it, default 0.05
 * @property {number} [cutEvery] every n-th answer is cut in its middle
 * @property {number} [failEvery] every n-th request is answered 503
 * @property {boolean} [repeats] the row before the page comes first
 * @property {number} [rounds] since is rounded down to so many minutes
 * @property {number} [delayMs] before every answer
 */

/** @param {Behaviour} behaviour */
export function createKlineServer(behaviour) {
  const { rows, holes = [], cap = 1000, retryAfter = 0.05, repeats = false, rounds = 1, delayMs = 0 } = behaviour;
  const { busyEvery = 0, cutEvery = 0, failEvery = 0 } = behaviour;
  const isThere = (i) => i >= 0 && i < rows && !holes.some(([from, to]) => i >= from && i < to);
  const log = [];
  let count = 0;

  /** Minutes of the page. */
  function pageOf(since, until, limit, fromEnd) {
    let first = Math.ceil((since - START) / MINUTE);
    first = Math.floor(first / rounds) * rounds;
    const last = Math.min(rows - 1, Math.floor((until - START) / MINUTE));
    const most = Math.min(limit, cap);
    const found = [];
    if (fromEnd) {
      for (let i = last; i >= Math.max(0, first) && found.length < most; i--) if (isThere(i)) found.unshift(i);
      return found;
    }
    if (repeats) {
      let before = Math.min(first, rows) - 1;
      while (before >= 0 && !isThere(before)) before--;
      if (before >= 0) found.push(before);
    }
    for (let i = Math.max(0, first); i <= last && found.length < most; i++) if (isThere(i)) found.push(i);
    return found;
  }

  function answer(url) {
    const number = (name, otherwise) => Number(url.searchParams.get(name) ?? otherwise);
    if (url.pathname === '/api/v3/klines') {
      const page = pageOf(number('startTime', 0), number('endTime', 8e15), number('limit', 500), false);
      // As Binance has them: text, and further fields.
      return page.map((i) => {
        const [ms, ...values] = candleAt(i);
        return [ms, ...values.map(String), ms + MINUTE - 1, '0', 10, '0', '0', '0'];
      });
    }
    if (url.pathname === '/v5/market/kline') {
      const page = pageOf(number('start', 0), number('end', 8e15), number('limit', 200), true);
      // As Bybit has them: newest first.
      const list = page.reverse().map((i) => [...candleAt(i), 0].map(String));
      return { retCode: 0, retMsg: 'OK', result: { category: 'spot', symbol: 'BTCUSDT', list } };
    }
    return markets(url.pathname);
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url, 'http://127.0.0.1');
    const send = (status, body, headers = {}) => {
      const text = JSON.stringify(body);
      response.writeHead(status, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(text),
        ...headers,
      });
      response.end(text);
    };
    if (url.pathname === '/control/log') return send(200, log);
    const isCandles = url.pathname.endsWith('klines') || url.pathname.endsWith('kline');
    if (!isCandles) return send(200, answer(url));
    count++;
    const entry = { since: Number(url.searchParams.get('startTime') ?? url.searchParams.get('start')), status: 200 };
    log.push(entry);
    if (busyEvery > 0 && count % busyEvery === 0) {
      entry.status = 429;
      const body = url.pathname.startsWith('/v5')
        ? { retCode: 10006, retMsg: 'Too many visits!' }
        : { code: -1003, msg: 'Too many requests' };
      return send(429, body, { 'retry-after': String(retryAfter) });
    }
    if (failEvery > 0 && count % failEvery === 0) {
      entry.status = 503;
      return send(503, { msg: 'busy' });
    }
    const body = answer(url);
    if (cutEvery > 0 && count % cutEvery === 0) {
      entry.status = 0;
      const text = JSON.stringify(body);
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
      response.write(text.slice(0, text.length >> 1), () => request.socket.destroy());
      return undefined;
    }
    if (delayMs > 0) return setTimeout(() => send(200, body), delayMs);
    return send(200, body);
  });
  return { server, log };
}

/** What the clients ask before they ask for candles. */
function markets(pathname) {
  if (pathname === '/api/v3/exchangeInfo') {
    const symbol = (base) => ({
      symbol: `${base}USDT`,
      status: 'TRADING',
      baseAsset: base,
      quoteAsset: 'USDT',
      baseAssetPrecision: 8,
      quotePrecision: 8,
      isSpotTradingAllowed: true,
      permissions: ['SPOT'],
      filters: [],
    });
    return { timezone: 'UTC', serverTime: 0, rateLimits: [], symbols: [symbol('BTC'), symbol('ETH')] };
  }
  if (pathname === '/v5/market/instruments-info') {
    const one = {
      symbol: 'BTCUSDT',
      baseCoin: 'BTC',
      quoteCoin: 'USDT',
      status: 'Trading',
      lotSizeFilter: {
        basePrecision: '0.000001',
        quotePrecision: '0.00000001',
        minOrderQty: '0.00004',
        maxOrderQty: '63',
      },
      priceFilter: { tickSize: '0.01' },
    };
    return { retCode: 0, retMsg: 'OK', result: { category: 'spot', list: [one] } };
  }
  return {};
}

if (process.argv[1]?.endsWith('kline-server.mjs')) {
  const { server } = createKlineServer(JSON.parse(process.argv[2] ?? '{"rows": 1000}'));
  server.listen(0, '127.0.0.1', () => console.log(server.address().port));
}
