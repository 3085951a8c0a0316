/** What the plugin needs of backtest-kit, checked when it is used: versions are many, the seam is one. */
import { AtcError, type StoredCandle } from 'atc-memory';
import { hostRequire } from './host-module.js';

/** One series of candles, as the host asks for it. Times in UTC ms. */
export interface CandleInstance {
  /** Called before the first read or write. */
  waitForInit(initial: boolean): Promise<void>;
  /** The candles at `sinceTimestamp` + i intervals, or null when any of them is missing. */
  readCandlesData(limit: number, sinceTimestamp: number, untilTimestamp: number): Promise<StoredCandle[] | null>;
  /** Closed candles only; one that is there already stays as it is. */
  writeCandlesData(candles: StoredCandle[]): Promise<void>;
}

/** What the host calls, once per symbol, interval and exchange. */
export type CandleInstanceConstructor = new (symbol: string, interval: string, exchangeName: string) => CandleInstance;

/** What a function returned that the host keeps. */
export interface BucketRow {
  /** The key. */
  readonly id: string;
  /** What was returned. */
  readonly data: unknown;
  /** Out of sight, as if it were not there. */
  readonly removed: boolean;
}

/** `Cache.file` keeps measures, `Interval.file` intervals. */
export type BucketKind = 'Measure' | 'Interval';

/** One bucket, with methods such as `readMeasureData(key)`. */
export interface HostBucket extends Record<BucketMethod, (...args: unknown[]) => unknown> {
  /** Called before the first of them. */
  waitForInit(initial: boolean): Promise<void>;
}

type BucketMethod = `${'read' | 'write' | 'remove' | 'list'}${BucketKind}Data`;

/** What the host calls, once per bucket. */
export type HostBucketConstructor = new (bucket: string) => HostBucket;

/** The seam of one kind of buckets. */
export interface BucketSeam {
  /** Hands them to a constructor, or back to the host's files. */
  readonly adapter: { use(instance: HostBucketConstructor): void; useJson(): void };
  /** The host's own. */
  readonly HostInstance: HostBucketConstructor;
}

/** UNSUPPORTED for a host without it. */
export function bucketSeam(host: BacktestKit, kind: BucketKind): BucketSeam {
  const parts = host as unknown as Record<string, Record<string, unknown> & { useJson(): void }>;
  const adapter = parts[`Persist${kind}Adapter`];
  const HostInstance = parts[`Persist${kind}Instance`] as unknown as HostBucketConstructor | undefined;
  const name = `usePersist${kind}Adapter`;
  if (typeof adapter?.[name] !== 'function' || typeof HostInstance !== 'function') {
    throw new AtcError(
      'UNSUPPORTED',
      `setup({ caches: true }) needs Persist${kind}Adapter.${name}(), which this backtest-kit lacks; upgrade it`,
    );
  }
  const use = (instance: HostBucketConstructor) => (adapter[name] as (one: HostBucketConstructor) => void)(instance);
  return { adapter: { use, useJson: () => adapter.useJson() }, HostInstance };
}

/** The part of the module `backtest-kit` that is used. */
export interface BacktestKit {
  /** The seam: who keeps candles. */
  readonly PersistCandleAdapter: {
    /** For instances that the host makes from then on. */
    usePersistCandleAdapter(instance: CandleInstanceConstructor): void;
    /** Back to the default. */
    useJson(): void;
    /** Keeps nothing. */
    useDummy(): void;
  };
  /** The default: one JSON file per candle. */
  readonly PersistCandleInstance: CandleInstanceConstructor;
}

const NEEDED = 'atc-memory/backtest-kit needs backtest-kit 8.5 or later';

/** The module that was handed over, or the installed one. UNSUPPORTED, with what is missing, when it lacks the seam. */
export function requireHost(injected?: unknown): BacktestKit {
  const host = (injected ?? installedHost()) as Partial<BacktestKit> & { default?: unknown };
  // An ES module's namespace made from a CommonJS one may hold its exports as the default.
  if (host?.PersistCandleAdapter === undefined && isObject(host?.default)) return requireHost(host.default);
  const missing = missingPart(host);
  if (missing === undefined) return host as BacktestKit;
  const what = injected === undefined ? 'the installed backtest-kit' : 'the module that was handed to setup()';
  throw new AtcError('UNSUPPORTED', `${NEEDED}: ${what} has no ${missing}; upgrade it, or hand over the right module`);
}

function installedHost(): unknown {
  try {
    return hostRequire('backtest-kit');
  } catch (cause) {
    const advice = 'npm install backtest-kit, or hand the module over: setup(config, kit)';
    throw new AtcError('UNSUPPORTED', `${NEEDED}, which cannot be loaded from here; ${advice}`, { cause });
  }
}

/** The first thing that is not as it should be. */
function missingPart(host: Partial<BacktestKit> | null): string | undefined {
  if (!isObject(host)) return 'exports';
  const adapter = host.PersistCandleAdapter as unknown;
  if (!isObject(adapter)) return 'PersistCandleAdapter';
  for (const name of ['usePersistCandleAdapter', 'useJson', 'useDummy']) {
    if (typeof adapter[name] !== 'function') return `PersistCandleAdapter.${name}()`;
  }
  // Before it, adapters were made for (entity, directory) and stored values by key: the same method, another seam.
  const prototype: unknown = (host.PersistCandleInstance as { prototype?: unknown } | undefined)?.prototype;
  for (const name of ['readCandlesData', 'writeCandlesData']) {
    if (!isObject(prototype) || typeof prototype[name] !== 'function') return `PersistCandleInstance with ${name}()`;
  }
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
