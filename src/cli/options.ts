/** Flags that several commands share, and how they meet the configuration. */
import { ATC_DEFAULTS, type AtcBacktestOptions, type AtcParameters } from 'atc-memory/atc';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { CompressionAlgorithm, CompressionLevel } from '../codec/codec.js';
import { loadConfig } from '../config/load.js';
import { wantedVersion } from '../dataset/versions/version-name.js';
import { nearestHint } from '../nearest.js';

export interface CommonOptions {
  readonly mmap?: boolean;
  readonly compress?: boolean;
  readonly level?: CompressionLevel;
  readonly algorithm?: CompressionAlgorithm;
  readonly backend?: 'auto' | 'mmap-io' | 'koffi' | 'read';
  readonly cacheDir?: string;
  readonly asOf?: string;
}

export function withStorageOptions(command: Command): Command {
  return command
    .addOption(new Option('--mmap', 'read the history of the run from mapped files'))
    .addOption(new Option('--no-mmap', 'do not map, whatever is configured'))
    .addOption(new Option('--compress', 'read the history of the run from compressed files'))
    .addOption(new Option('--no-compress', 'do not compress, whatever is configured'))
    .addOption(levelOption())
    .addOption(algorithmOption())
    .addOption(backendOption())
    .addOption(new Option('--cache-dir <directory>', 'where copies for the run are made'))
    .addOption(asOfOption());
}

/** The version of a dataset that is a source. */
export function asOfOption(): Option {
  const what = 'of a dataset, the version: a snapshot, a generation, or a time such as 2024-01-31T00:00Z';
  return new Option('--as-of <version>', what).argParser((text) => {
    void wantedVersion(text);
    return text;
  });
}

/** How many generations of a dataset stay after a change. */
export function keepOption(): Option {
  const what = 'generations that stay, the new one included (--as-of opens them); snapshots stay in any case';
  return new Option('--keep <count>', what).argParser((text) => {
    if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('A whole number from 1 is allowed.');
    return Number(text);
  });
}

export function levelOption(): Option {
  return new Option('--level <0-9>', 'compression level: 0 stores, 9 is the smallest').argParser((text) => {
    if (!/^[0-9]$/.test(text)) throw new InvalidArgumentError('A whole number from 0 to 9 is allowed.');
    return Number(text);
  });
}

export function algorithmOption(): Option {
  return new Option('--algorithm <name>', 'how to compress').choices(['auto', 'lz4', 'zlib']);
}

export function backendOption(): Option {
  return new Option('--backend <name>', 'how to map files').choices(['auto', 'mmap-io', 'koffi', 'read']);
}

export function workersOption(): Option {
  return new Option('--workers <count>', 'threads, default the cores').argParser((text) => {
    if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError('A whole number from 1 is allowed.');
    return Number(text);
  });
}

/** A share from 0 up to 1; its range is checked where it is used. */
export function shareOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text) => {
    const share = Number(text);
    if (text.trim() === '' || !(share >= 0 && share < 1))
      throw new InvalidArgumentError('A share from 0 up to 1 is allowed.');
    return share;
  });
}

/** `--param emaLength=30`, any number of times. */
export function parameterOption(): Option {
  const known = Object.keys(ATC_DEFAULTS);
  return new Option(
    '--param <name=value>',
    'a parameter of the strategy, such as lambda=0.05; may be repeated',
  ).argParser((text: string, previous: Partial<Record<string, unknown>> = {}) => {
    const [name, value] = text.split(/=(.*)/s);
    if (value === undefined) throw new InvalidArgumentError('The form is name=value.');
    if (!known.includes(name))
      throw new InvalidArgumentError(`There is no parameter "${name}"${nearestHint(name, known)}`);
    return { ...previous, [name]: parameterValue(value) };
  });
}

/** Checked by the strategy itself, which knows types and ranges. */
function parameterValue(text: string): unknown {
  if (text === 'true' || text === 'false') return text === 'true';
  return text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** Flags over environment over file over defaults. */
export async function resolveOptions(flags: CommonOptions): Promise<AtcBacktestOptions> {
  const config = await loadConfig({
    overrides: {
      useMemoryMapped: flags.mmap,
      useCompression: flags.compress,
      compressionLevel: flags.level,
      compressionAlgorithm: flags.algorithm,
      mappingBackend: flags.backend,
      cacheDir: flags.cacheDir,
    },
  });
  return {
    ...(flags.asOf !== undefined && { asOf: flags.asOf }),
    // Unknown names among them are refused by the strategy.
    ...(config.atc as AtcParameters),
    useMemoryMapped: config.useMemoryMapped,
    useCompression: config.useCompression,
    mappingBackend: config.mappingBackend,
    cacheDir: config.cacheDir,
    maxCacheBytes: config.maxCacheBytes,
    level: config.compressionLevel,
    algorithm: config.compressionAlgorithm,
  };
}

/** The same split into how history is stored and parameters of the strategy. */
export function storageAndParameters(options: AtcBacktestOptions) {
  const { asOf, useMemoryMapped, useCompression, mappingBackend, cacheDir, maxCacheBytes, ...others } = options;
  const { level, algorithm, ...parameters } = others;
  const history = { useMemoryMapped, useCompression, mappingBackend, cacheDir, maxCacheBytes, level, algorithm, asOf };
  return { history, parameters: parameters as AtcParameters };
}
