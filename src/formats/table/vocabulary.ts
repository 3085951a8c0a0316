/**
 * What columns are called by the sources of this world: titles -> what they hold. Lists are in order of preference, in
 * lower case.
 */
import { isTimeTitle } from './time-titles.js';
import { keyOf, lastPartOf } from './title-key.js';

/** What a column of candles can be; all other columns keep their name. */
export type Field = 'open' | 'high' | 'low' | 'close' | 'volume';

/** Whose row it is. */
export const SYMBOL_TITLES = [
  'symbol',
  'ticker',
  'pair',
  'ts_code',
  'instrument',
  'product_id',
  'act_symbol',
  'symbols',
  'tickers',
  'tic',
  'sym',
  'stock',
  'stock_code',
  'stockcode',
  'security',
  'contract',
  'currency pair',
  'currency_pair',
  'asset',
  'coin',
  'code',
  ...['isin', 'ric', 'cusip', 'figi', 'permno', 'gvkey', 'secid', 'sc_code', 'scrip'],
  ...['tradingsymbol', 'trading_symbol', 'trading symbol', 'stock_symbol', 'stock symbol', 'ticker_symbol'],
  ...['instrument_name', 'instrument_id', 'instrumentid', 'contract_code', 'security_code', 'security code'],
  ...['security_id', 'symbol_id', 'asset_id', 'stock_name', 'stock name', 'security name'],
  'name',
];

/** Candles' length of each row: `D`, `60`. */
export const PERIOD_TITLES = ['per', 'resolution', 'interval', 'timeframe'];

/** Titles that no row of candles has as a number. */
export const INDEX_TITLES = ['', 'unnamed: 0', 'index', 'level_0', 'row', 'no', 'no.', '#', 'unnamed: 0.1'];

/** A word and the ways in which sources say that it is a price. */
const priceTitles = (word: string): string[] => [
  word,
  `${word} price`,
  `${word}_price`,
  `${word}price`,
  `price_${word}`,
  `price ${word}`,
  `${word}_p`,
  `${word}px`,
  `${word}_px`,
  `${word} px`,
  `px_${word}`,
];

const fieldTitles = (field: string, others: readonly string[]): string[] => [
  field,
  field[0],
  ...priceTitles(field),
  `mid${field}`,
  `mid_${field}`,
  `mid ${field}`,
  `mid_${field[0]}`,
  `bid${field}`,
  `bid_${field}`,
  `bid ${field}`,
  `${field}bid`,
  ...others.flatMap(priceTitles),
];

export const FIELD_TITLES: Readonly<Record<Field, readonly string[]>> = {
  open: fieldTitles('open', ['opening', 'first']),
  high: [...fieldTitles('high', ['highest', 'max', 'maximum']), "day's high"],
  low: [...fieldTitles('low', ['lowest', 'min', 'minimum']), "day's low"],
  close: [
    ...fieldTitles('close', ['closing']),
    'close/last',
    'close*',
    ...priceTitles('last'),
    'ltp',
    'last traded price',
    'last_traded_price',
    'last trade price',
    'trade_price',
    'settle',
    'settlement price',
    'price',
    'adj close',
    'adj_close',
    'adj. close',
    'adjclose',
    'adj close**',
    'adjusted close',
    'adjusted_close',
    'rate',
    'value',
    'nav',
  ],
  volume: [
    'volume',
    'v',
    'vol',
    'vol.',
    'base_volume',
    'base volume',
    'basevolume',
    'volume_base',
    'volume base',
    'basetokenvolume',
    'volumefrom',
    'volume_from',
    'volume_traded',
    'candle_acc_trade_volume',
    'px_volume',
    'total volume',
    'total_volume',
    'totalvolume',
    'trade volume',
    'trade_volume',
    'tradevolume',
    'tradedvolume',
    'totaltradedvolume',
    'total traded volume',
    'totalvolumetraded',
    'total volume traded',
    'lasttradedvolume',
    'traded volume',
    'volume traded',
    'total trade quantity',
    'total traded quantity',
    'tottrdqty',
    'ttl_trd_qnty',
    'no.of shares',
    'no. of shares',
    'number of shares',
    'shares traded',
    'share volume',
    'shares',
    'real_volume',
    'real volume',
    'tick_volume',
    'tick volume',
    'tickvolume',
    'tickvol',
    'tickqty',
    'ticks',
    'qty',
    'quantity',
  ],
};

/**
 * Volumes of a program's two kinds: exchange-traded, and the number of ticks, which is all there is where the first is
 * 0 throughout.
 */
export const REAL_VOLUMES = ['vol', 'volume', 'real_volume', 'real volume'];
export const TICK_VOLUMES = ['tickvol', 'tick_volume', 'tick volume', 'tickvolume'];

/** `volume btc`, `volume_(btc)`: of a currency. */
const CURRENCY_VOLUME = /^vol(?:ume)?[ _.]*\(?([a-z0-9]{2,10})\)?$/;
/** Words behind `volume` that are no currency of a base. */
const NO_BASE = new Set(
  'ma sma ema avg average change delta quote weighted usd usdt usdc busd eur gbp jpy krw currency osc pct'.split(' '),
);

/** Volumes that name a currency, the base first. */
export function currencyVolumes(keys: readonly string[]): number[] {
  const found = keys.flatMap((key, at) => {
    const currency = CURRENCY_VOLUME.exec(key)?.[1];
    return currency === undefined ? [] : [{ at, isBase: !NO_BASE.has(currency), isMoney: MONEY.has(currency) }];
  });
  const bases = found.filter(({ isBase }) => isBase);
  return (bases.length > 0 ? bases : found.filter(({ isMoney }) => isMoney)).map(({ at }) => at);
}

/** `btc` of `volume_btc`. */
export function currencyOf(key: string): string {
  return CURRENCY_VOLUME.exec(key)?.[1] ?? key;
}

const MONEY = new Set('usd usdt usdc busd eur gbp jpy krw currency'.split(' '));

/** Whether a title says anything at all: whether a line of titles is one. */
export function isKnownTitle(title: string): boolean {
  const key = keyOf(title);
  return isTimeTitle(key) || isFieldTitle(key) || SYMBOL_TITLES.includes(key);
}

export function isFieldTitle(key: string): boolean {
  return Object.values(FIELD_TITLES).some((titles) => titles.includes(key) || titles.includes(lastPartOf(key)));
}
