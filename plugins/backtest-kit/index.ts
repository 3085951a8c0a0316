/**
 * Candle storage for backtest-kit: one `setup()` call, and candles go to compressed or mapped files instead of one JSON
 * file each. Nothing in a strategy changes.
 */
import { candleInstance } from './candle-instance.js';
import { type BacktestKit, requireHost } from './host.js';
import { intervalMs } from './interval.js';
import { type BacktestKitConfig, type BacktestKitSettings, resolveSettings } from './settings.js';
import { StoreRegistry } from './stores.js';
import { readingInstance, verifyingInstance } from './transition.js';

export type { BacktestKit, CandleInstance, CandleInstanceConstructor } from './host.js';
export type { BacktestKitConfig, BacktestKitSettings, CandleStorage } from './settings.js';

interface Installed {
  readonly kit: BacktestKit;
  readonly stores: StoreRegistry;
}

let chosen: BacktestKitSettings | undefined;
let installed: Installed | undefined;

/**
 * Checks the configuration and installs it; returns what is in force. `kit`: the module backtest-kit as the program has
 * it, for programs that load it in a way of their own. May be called again with another configuration. CONFIG for a
 * wrong configuration, UNSUPPORTED for a host without the seam; the host is not touched then.
 */
export function setup(config: BacktestKitConfig = {}, kit?: unknown): BacktestKitSettings {
  const settings = resolveSettings(config);
  activate(settings, kit);
  return settings;
}

/** Hands the candles to the storage chosen by the last `setup` (or by `atc.config.ts`). */
export function install(kit?: unknown): void {
  activate(chosen ?? resolveSettings(), kit);
}

function activate(settings: BacktestKitSettings, kit: unknown): void {
  const host = requireHost(kit ?? installed?.kit);
  const before = installed;
  const stores = new StoreRegistry(settings);
  const adapter = host.PersistCandleAdapter;
  if (settings.candles === 'json') adapter.useJson();
  else if (settings.candles === 'dummy') adapter.useDummy();
  else if (settings.mode === 'read')
    adapter.usePersistCandleAdapter(readingInstance(stores, host.PersistCandleInstance));
  else if (settings.mode === 'verify') {
    adapter.usePersistCandleAdapter(verifyingInstance(host.PersistCandleInstance, intervalMs));
  } else adapter.usePersistCandleAdapter(candleInstance(stores));
  chosen = settings;
  installed = { kit: host, stores };
  before?.stores.close();
}

/**
 * Gives the host its JSON files back and closes ours. Stored candles stay; `atc migrate --revert` writes it as JSON.
 */
export function uninstall(): void {
  if (installed === undefined) return;
  installed.kit.PersistCandleAdapter.useJson();
  installed.stores.close();
  installed = undefined;
  chosen = undefined;
}
