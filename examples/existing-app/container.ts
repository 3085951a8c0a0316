import 'reflect-metadata';
import { Container } from 'inversify';
import { PriceCache } from './price-cache.js';
import { PriceHistory } from './price-history.js';
import { TrendReport } from './trend-report.js';
import { type Folders, TYPES } from './types.js';

/** The application as it always was. */
export function createContainer(folders: Folders): Container {
  const container = new Container();
  container.bind<Folders>(TYPES.Folders).toConstantValue(folders);
  container.bind(TYPES.PriceCache).to(PriceCache).inSingletonScope();
  container.bind(TYPES.PriceHistory).to(PriceHistory).inSingletonScope();
  container.bind(TYPES.TrendReport).to(TrendReport).inSingletonScope();
  return container;
}
