/** What folders of a partitioned data set say (`symbol=AAPL/year=2024/data_0.parquet`): those columns are in no file. */
import type { NameFacts } from './format.js';
import { keyOf } from './table/title-key.js';
import { PERIOD_TITLES, SYMBOL_TITLES } from './table/vocabulary.js';

const FOLDER = /^([^=]+)=(.+)$/;
/** Hive's name for a missing value. */
const MISSING = '__HIVE_DEFAULT_PARTITION__';

/** The nearest folder decides where several say the same. */
export function factsOfPartitions(folders: readonly string[]): Pick<NameFacts, 'symbol' | 'interval'> {
  let facts: Pick<NameFacts, 'symbol' | 'interval'> = {};
  for (const folder of folders) {
    const [, title = '', value = ''] = FOLDER.exec(folder) ?? [];
    const key = keyOf(title);
    if (value === '' || value === MISSING) continue;
    if (SYMBOL_TITLES.includes(key)) facts = { ...facts, symbol: decoded(value) };
    else if (PERIOD_TITLES.includes(key) && /^\d+[smhdDwWM]$/.test(value)) facts = { ...facts, interval: value };
  }
  return facts;
}

/** Characters that file names do not have are written as in an address. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
