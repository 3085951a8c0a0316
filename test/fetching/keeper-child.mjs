// A process that keeps history through the real ccxt, to be killed: prints the time of the last candle whenever the
// keeper says that it is stored. Run: node keeper-child.mjs DIST '{"port": …, "exchange": "binance", "directory": …,
// "minutes": …}'
import { writeSync } from 'node:fs';
import ccxt from 'ccxt';
import { START } from './kline-server.mjs';

const { port, exchange: id, directory, minutes, options = {} } = JSON.parse(process.argv[3]);
const { ccxtHistory, keepHistory } = await import(process.argv[2]);
const base = `http://127.0.0.1:${port}`;
const exchange = new ccxt[id]({
  enableRateLimit: false,
  urls: { api: { public: id === 'binance' ? `${base}/api/v3` : base } },
  options: { fetchMarkets: { types: ['spot'] } },
});
const source = ccxtHistory(exchange, { pageSize: 200 });
/** Times that have arrived. They are asked for in order, each once, so the stored ones are the first ones of them. */
const arrived = new Set();
async function fetchPage(request) {
  const rows = await source.fetchPage(request);
  for (const [ms] of rows) arrived.add(ms);
  return rows;
}
function report({ rows }) {
  const newest = rows === 0 ? 0 : [...arrived].sort((a, b) => a - b)[rows - 1];
  writeSync(1, `stored ${newest}\n`);
}
writeSync(1, 'begin\n');
const history = await keepHistory({
  ...source,
  ...{ fetchPage, directory, symbol: 'BTC/USDT', interval: '1m', backoffMs: 1, durability: 'process' },
  ...{ since: START, until: START + minutes * 60_000 },
  onProgress: report,
  ...options,
});
const { requests, repeated, symbols } = history;
writeSync(1, `done ${JSON.stringify({ requests, repeated, rows: symbols[0].rows })}\n`);
history.close();
