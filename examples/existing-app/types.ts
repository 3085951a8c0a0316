/** What the application is made of, and what its services are called in the container. */
export interface Candle {
  date: Date;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

export interface Averages {
  short: (number | null)[];
  long: (number | null)[];
}

export interface Summary {
  symbol: string;
  days: number;
  first: string;
  last: string;
  totalReturn: number;
  maxDrawdown: number;
  crossings: { date: string; direction: 'up' | 'down' }[];
}

export const TYPES = {
  PriceCache: Symbol('PriceCache'),
  PriceHistory: Symbol('PriceHistory'),
  TrendReport: Symbol('TrendReport'),
  Folders: Symbol('Folders'),
};

export interface Folders {
  prices: string;
  cache: string;
}
