/** What `setup` is given, `atc.config.ts` says, and both together mean. */
import {
  AtcError,
  type CandleStoreOptions,
  type FeatureMode,
  loadConfigSync,
  nearestHint,
  openCandleStore,
  type ResolvedConfig,
} from 'atc-memory';

/**
 * `packed`: compressed. `mapped`: numbers behind a memory map. `json`: the host's own. `dummy`: none, as the host's
 * dummy.
 */
export type CandleStorage = 'packed' | 'mapped' | 'json' | 'dummy';

/**
 * What `setup` takes. Of what is left out, `candles`, `level` and `algorithm` come from `atc.config.*`, the rest has
 * defaults.
 */
export interface BacktestKitConfig extends Pick<CandleStoreOptions, 'level' | 'algorithm' | 'durability' | 'maxBytes'> {
  /**
   * Where candles are stored. Default './dump/data/candle-atc', from the working directory at first use, like the
   * host's.
   */
  readonly directory?: string;
  /** Default: what `atc.config.ts` says (docs/backtest-kit.md), 'packed' when it says nothing. */
  readonly candles?: CandleStorage;
  /**
   * Where the host stored candles as JSON; they are read, and stored in `directory`. Default './dump/data/candle';
   * false: nowhere.
   */
  readonly legacy?: string | false;
  /**
   * Whether what `Cache.file` and `Interval.file` keep goes to entries too: `measure-atc` and `interval-atc` beside
   * `directory`. Only with candles 'packed' or 'mapped' that are on. Default false.
   */
  readonly caches?: boolean;
}

/** What is in force. */
export interface BacktestKitSettings {
  /** Where candles go. */
  readonly candles: CandleStorage;
  /** How far it is on: 'read' and 'verify' store as the host does (docs/backtest-kit.md). */
  readonly mode: Exclude<FeatureMode, false>;
  /** As given; a relative one counts from the working directory at first use. */
  readonly directory: string;
  /** Directory of the host's JSON files that are still read; false: none. */
  readonly legacy: string | false;
  /** Whether measures and intervals go to entries. */
  readonly caches: boolean;
  /** How they are coded. */
  readonly store: CandleStoreOptions;
}

/** The host's own directory. */
const HOST_DIRECTORY = './dump/data/candle';
const DIRECTORY = './dump/data/candle-atc';
/** Key of `services` in `atc.config.ts`. */
const SERVICE = 'backtest-kit';

const STORAGES: readonly CandleStorage[] = ['packed', 'mapped', 'json', 'dummy'];
const KEYS = ['directory', 'candles', 'legacy', 'caches', 'level', 'algorithm', 'durability', 'maxBytes'];

export function resolveSettings(config: BacktestKitConfig = {}): BacktestKitSettings {
  check(config);
  const file = loadConfigSync();
  const { candles, mode } =
    config.candles === undefined ? fromFile(file) : { candles: config.candles, mode: true as const };
  const own = file.services[SERVICE] ?? {};
  const settings: BacktestKitSettings = {
    candles,
    mode,
    directory: config.directory ?? DIRECTORY,
    legacy: config.legacy ?? HOST_DIRECTORY,
    caches: (config.caches ?? false) && mode === true && (candles === 'packed' || candles === 'mapped'),
    store: {
      layout: candles === 'mapped' ? 'mapped' : 'packed',
      level: config.level ?? own.compressionLevel ?? file.compressionLevel,
      algorithm: config.algorithm ?? own.compressionAlgorithm ?? file.compressionAlgorithm,
      mappingBackend: own.mappingBackend ?? file.mappingBackend,
      durability: config.durability,
      maxBytes: config.maxBytes,
      service: SERVICE,
    },
  };
  // Creates nothing; says now, and not at the first candle, what is wrong with level, algorithm or maxBytes.
  openCandleStore(settings.directory, settings.store);
  return settings;
}

/**
 * Compression goes before mapping. Calling `setup` is the wish to have it: only an explicit false keeps the host's own.
 */
function fromFile(config: ResolvedConfig): Pick<BacktestKitSettings, 'candles' | 'mode'> {
  const own = config.services[SERVICE] ?? {};
  const compression = own.useCompression ?? config.useCompression;
  if (compression !== false) return { candles: 'packed', mode: compression };
  const mapping = own.useMemoryMapped ?? config.useMemoryMapped;
  if (mapping !== false) return { candles: 'mapped', mode: mapping };
  const keys = ['useCompression', 'useMemoryMapped'].flatMap((key) => [key, `services.${SERVICE}.${key}`]);
  const isConfigured = keys.some((key) => (config.provenance[key]?.source ?? 'default') !== 'default');
  return { candles: isConfigured ? 'json' : 'packed', mode: true };
}

function check(config: BacktestKitConfig): void {
  if (typeof config !== 'object' || config === null) {
    throw new AtcError(
      'ARGUMENT',
      `setup: the settings must be an object, got ${config === null ? 'null' : `a value of type ${typeof config}`}`,
    );
  }
  for (const key of Object.keys(config)) {
    if (KEYS.includes(key)) continue;
    throw new AtcError('CONFIG', `setup() knows no "${key}"${nearestHint(key, KEYS)}`, { key });
  }
  const { candles, directory, legacy } = config;
  if (candles !== undefined && !STORAGES.includes(candles)) {
    const allowed = STORAGES.map((one) => `'${one}'`).join(', ');
    throw new AtcError('CONFIG', `candles is ${shown(candles)}; allowed: ${allowed}`, { key: 'candles' });
  }
  if (config.caches !== undefined && typeof config.caches !== 'boolean') {
    throw new AtcError('CONFIG', `caches is ${shown(config.caches)}; allowed: true, false`, { key: 'caches' });
  }
  for (const [key, value] of Object.entries({ directory, legacy })) {
    if (value === undefined || (key === 'legacy' && value === false) || (typeof value === 'string' && value !== ''))
      continue;
    throw new AtcError('CONFIG', `${key} is ${shown(value)}; allowed: the path of a directory`, { key });
  }
}

function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  return value === null || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : `a value of type ${typeof value}`;
}
