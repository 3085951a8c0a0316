/** An exchange of ccxt, which is loaded when it is asked for. */
import { AtcError, reasonOf } from '../errors.js';
import type { CcxtLike } from '../fetching/ccxt-history.js';
import { loadOptional } from '../formats/optional-package.js';
import { readText } from '../io/json-file.js';
import { nearestHint } from '../nearest.js';

/** What the command needs of it. */
export interface CcxtExchange extends CcxtLike {
  loadMarkets(): Promise<Record<string, unknown>>;
}

/** Classes by id, and the list of the ids. */
type Ccxt = Record<string, new (config: object) => CcxtExchange> & { readonly exchanges: readonly string[] };

/**
 * UNSUPPORTED with the install command where ccxt is missing; ARGUMENT for an id that it does not know, or for options
 * that are no JSON.
 */
export async function openExchange(id: string, options: string | undefined): Promise<CcxtExchange> {
  const config = configOf(options);
  const module = await loadOptional('atc fetch', ['ccxt'], () => import('ccxt'));
  const ccxt = module.default as unknown as Ccxt;
  if (!ccxt.exchanges.includes(id)) {
    const message = `ccxt ${versionOf(ccxt)} knows no exchange "${id}"${nearestHint(id, ccxt.exchanges)}`;
    throw new AtcError('ARGUMENT', message, { key: 'exchange' });
  }
  return new ccxt[id]({ enableRateLimit: true, ...config });
}

/** ARGUMENT for symbols that the exchange does not have; IO when it cannot be asked. */
export async function requireSymbols(exchange: CcxtExchange, symbols: readonly string[]): Promise<void> {
  let markets: Record<string, unknown>;
  try {
    markets = await exchange.loadMarkets();
  } catch (cause) {
    throw new AtcError('IO', `${exchange.id} does not say which symbols it has: ${reasonOf(cause)}`, { cause });
  }
  const unknown = symbols.find((symbol) => !Object.hasOwn(markets, symbol));
  if (unknown === undefined) return;
  const message = `${exchange.id} has no symbol "${unknown}"${nearestHint(unknown, Object.keys(markets))}`;
  throw new AtcError('ARGUMENT', message, { key: 'symbol' });
}

function versionOf(ccxt: Ccxt): string {
  const { version } = ccxt as { version?: unknown };
  return typeof version === 'string' ? version : '';
}

/** JSON, or the path of a file with JSON: keys and proxies are not for command lines. */
function configOf(text: string | undefined): object {
  if (text === undefined) return {};
  const json = text.trimStart().startsWith('{') ? text : readText(text);
  if (json === undefined)
    throw new AtcError('ARGUMENT', `--exchange-options: there is no file ${text}`, { path: text });
  try {
    const config: unknown = JSON.parse(json);
    if (typeof config === 'object' && config !== null && !Array.isArray(config)) return config;
  } catch (cause) {
    throw new AtcError('ARGUMENT', `--exchange-options is no JSON: ${reasonOf(cause)}`, { cause });
  }
  throw new AtcError(
    'ARGUMENT',
    '--exchange-options must be a JSON object, such as {"options":{"defaultType":"swap"}}',
  );
}
