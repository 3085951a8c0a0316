/**
 * Candle storage for backtest-kit: one `setup()` call, and candles go to compressed or mapped files instead of one JSON
 * file each. Nothing in a strategy changes.
 */
import { bucketInstance } from './bucket-instance.js';
import { candleInstance } from './candle-instance.js';
import { type BacktestKit, type BucketKind, bucketSeam, requireHost } from './host.js';
import { intervalMs } from './interval.js';
import { type BacktestKitConfig, type BacktestKitSettings, resolveSettings } from './settings.js';
import { StoreRegistry } from './stores.js';
import { readingInstance, verifyingInstance } from './transition.js';

export type { BacktestKit, CandleInstance, CandleInstanceConstructor } from './host.js';
export type { BacktestKitConfig, BacktestKitSettings, CandleStorage } from './settings.js';

interface Installed {
  readonly kit: BacktestKit;
  readonly stores: StoreRegistry;
  readonly hasCaches: boolean;
}

const BUCKETS: readonly BucketKind[] = ['Measure', 'Interval'];

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
  // All that can be refused is looked at before anything is changed.
  const seams = settings.caches ? BUCKETS.map((kind) => ({ kind, ...bucketSeam(host, kind) })) : [];
  const stores = new StoreRegistry(settings);
  const { PersistCandleAdapter: candles } = host;
  if (settings.candles === 'json') candles.useJson();
  else if (settings.candles === 'dummy') candles.useDummy();
  else if (settings.mode === 'read')
    candles.usePersistCandleAdapter(readingInstance(stores, host.PersistCandleInstance));
  else if (settings.mode === 'verify') {
    candles.usePersistCandleAdapter(verifyingInstance(host.PersistCandleInstance, intervalMs));
  } else candles.usePersistCandleAdapter(candleInstance(stores));
  if (before?.hasCaches && seams.length === 0) restoreCaches(before.kit);
  for (const { kind, adapter, HostInstance } of seams) adapter.use(bucketInstance(settings, kind, HostInstance));
  chosen = settings;
  installed = { kit: host, stores, hasCaches: settings.caches };
  before?.stores.close();
}

/**
 * Gives the host its JSON files back and closes ours. Stored candles stay; `atc migrate --revert` writes it as JSON.
 */
export function uninstall(): void {
  if (installed === undefined) return;
  installed.kit.PersistCandleAdapter.useJson();
  if (installed.hasCaches) restoreCaches(installed.kit);
  installed.stores.close();
  installed = undefined;
  chosen = undefined;
}

function restoreCaches(kit: BacktestKit): void {
  for (const kind of BUCKETS) bucketSeam(kit, kind).adapter.useJson();
}
