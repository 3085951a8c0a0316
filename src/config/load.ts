/**
 * Finds and reads a configuration file with cosmiconfig; TypeScript and JavaScript go through jiti, with no compiler
 * needed.
 */
import path from 'node:path';
import type { CosmiconfigResult, Loader, LoaderSync } from 'cosmiconfig';
import { requireKnownOptions, requirePath } from '../arguments.js';
import { AtcError, isAtcError } from '../errors.js';
import { readTextFile } from '../io/path-kind.js';
import { requireFrom, requireNow } from '../require-now.js';
import { locateError, locationText } from './error-location.js';
import { type AtcConfig, defineConfig } from './keys.js';
import { type ResolvedConfig, resolveLayers } from './resolve.js';

/** Where to look, and what goes before the file. */
export interface LoadConfigOptions {
  /** Where the search starts; it ends at the nearest folder with a package.json. Default `process.cwd()`. */
  readonly cwd?: string;
  /** Goes before the environment and the file, key by key. */
  readonly overrides?: AtcConfig;
  /** Where the `ATC_*` variables are looked up. Default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

type Cosmiconfig = typeof import('cosmiconfig');

const SCRIPTS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'];
const DOCUMENTS = ['.json', '.yaml', '.yml'];
/** Names under which a configuration is looked for, the first one found counts. */
export const CONFIG_FILES = [...SCRIPTS, ...DOCUMENTS].map((extension) => `atc.config${extension}`);
/** Where one may expect a configuration to be read: reported, because ignored it would count as none. */
const NOT_READ = [
  ...['.toml', '.json5', '.jsonc', '.ini', ''].map((extension) => `atc.config${extension}`),
  ...['', ...SCRIPTS, ...DOCUMENTS, '.toml'].flatMap((extension) => [
    `.atcrc${extension}`,
    `.config/atcrc${extension}`,
  ]),
];
/** Extensions of those, as cosmiconfig names them. */
const OTHERS = ['noExt', '.toml', '.json5', '.jsonc', '.ini', '.config'];
const PLACES = [...CONFIG_FILES, 'package.json', ...NOT_READ];

const SEARCH = {
  searchPlaces: PLACES,
  searchStrategy: 'project',
  cache: false,
  // An empty file is a mistake to be reported, not a reason to look elsewhere.
  ignoreEmptySearchPlaces: false,
} as const;

/** Searches, loads, checks and merges. Throws CONFIG naming file, dotted key, what was found and what is allowed. */
export async function loadConfig(options: LoadConfigOptions = {}): Promise<ResolvedConfig> {
  requireKnownOptions(options, ['cwd', 'overrides', 'environment'], 'loadConfig');
  if (options.cwd !== undefined) requirePath(options.cwd, 'loadConfig: cwd');
  const { cosmiconfig, defaultLoaders } = requireNow<Cosmiconfig>('cosmiconfig');
  const script: Loader = async (file) => {
    requireRead(file);
    const module: unknown = await createLoader(file)
      .import(file)
      .catch((cause: unknown) => Promise.reject(unreadable(file, cause)));
    return exported(file, module);
  };
  const loaders = Object.fromEntries([
    ...SCRIPTS.map((extension) => [extension, script]),
    ...DOCUMENTS.map((extension) => [extension, document(defaultLoaders[extension as '.json'] as LoaderSync)]),
    ...OTHERS.map((extension) => [extension, requireRead]),
  ]);
  const cwd = path.resolve(options.cwd ?? '.');
  const explorer = created(() => cosmiconfig('atc', { ...SEARCH, loaders }));
  return resolveFound(cwd, await explorer.search(cwd), options);
}

/** The same, synchronously; a configuration file that uses top-level await needs `loadConfig`. */
export function loadConfigSync(options: LoadConfigOptions = {}): ResolvedConfig {
  requireKnownOptions(options, ['cwd', 'overrides', 'environment'], 'loadConfigSync');
  if (options.cwd !== undefined) requirePath(options.cwd, 'loadConfigSync: cwd');
  const { cosmiconfigSync, defaultLoadersSync } = requireNow<Cosmiconfig>('cosmiconfig');
  const script: LoaderSync = (file) => {
    requireRead(file);
    try {
      return exported(file, createLoader(file)(file));
    } catch (cause) {
      throw unreadable(file, cause);
    }
  };
  const loaders = Object.fromEntries([
    ...SCRIPTS.map((extension) => [extension, script]),
    ...DOCUMENTS.map((extension) => [extension, document(defaultLoadersSync[extension as '.json'])]),
    ...OTHERS.map((extension) => [extension, requireRead]),
  ]);
  const cwd = path.resolve(options.cwd ?? '.');
  const explorer = created(() => cosmiconfigSync('atc', { ...SEARCH, loaders }));
  return resolveFound(cwd, explorer.search(cwd), options);
}

/** Throws CONFIG for a file that looks like a configuration and has a name or a format that is not read. */
function requireRead(file: string): void {
  const name = path.basename(file);
  if (CONFIG_FILES.includes(name) || name === 'package.json') return;
  const read = `atc.config with ${[...SCRIPTS, ...DOCUMENTS].join(', ')}, and "atc" in package.json`;
  throw new AtcError('CONFIG', `${file}: a configuration of this name is not read; read are ${read}`, { path: file });
}

/** cosmiconfig reads settings of its own first, from the package.json and `.config` of the working directory. */
function created<Explorer>(create: () => Explorer): Explorer {
  try {
    return create();
  } catch (cause) {
    const { filepath, message } = cause as Error & { filepath?: string };
    if (filepath === undefined) throw cause;
    if (!message.includes('\\ufeff') && !message.includes('\uFEFF'))
      throw unreadable(filepath, cause, readTextFile(filepath));
    const advice = 'begins with a byte order mark; save it as UTF-8 without one';
    throw new AtcError('CONFIG', `${filepath}:1:1: ${advice}`, { path: filepath, line: 1, column: 1, cause });
  }
}

/**
 * cosmiconfig takes a loader's ENOENT or EACCES for "no such file" and goes on without a word; as a CONFIG error it is
 * reported.
 */
function unreadable(file: string, cause: unknown, content?: string): AtcError {
  if (isAtcError(cause, 'CONFIG')) return cause;
  const { reason, ...location } = locateError(file, cause, content);
  const where = locationText(file, location);
  return new AtcError('CONFIG', `${where}: cannot be read: ${reason}`, { path: file, ...location, cause });
}

function document(load: LoaderSync): LoaderSync {
  return (file, content) => {
    requireRead(file);
    let value: unknown;
    // Some editors begin a file with a byte order mark.
    const text = content.replace(/^\uFEFF/, '');
    try {
      value = load(file, text);
    } catch (cause) {
      throw unreadable(file, cause, text);
    }
    if (path.basename(file) === 'package.json') return packageSettings(file, value);
    // cosmiconfig takes null for "nothing here" and would go on without a word.
    if (value === null || value === undefined) throw nothingIn(file);
    return value;
  };
}

/** A package.json may hold anything, but what it gives for `atc` counts: cosmiconfig would pass over a null. */
function packageSettings(file: string, value: unknown): object {
  if (typeof value !== 'object' || value === null) return {};
  if ((value as { atc?: unknown }).atc === null) throw nothingIn(file, 'atc');
  return value;
}

function nothingIn(file: string, key?: string): AtcError {
  const what = key === undefined ? 'holds nothing (null, or comments alone)' : `${key} is null`;
  return new AtcError('CONFIG', `${file}: ${what}; write at least an empty object, {}`, { path: file, key });
}

/** jiti for one file. Nothing is written beside it or into a cache, and an edited file is read again. */
function createLoader(file: string) {
  const { createJiti } = requireNow<typeof import('jiti')>('jiti');
  return createJiti(file, {
    fsCache: false,
    moduleCache: false,
    tryNative: false,
    interopDefault: false,
    virtualModules: { 'atc-memory': ownModule(file) },
  });
}

/**
 * `import { defineConfig } from 'atc-memory'` inside the file is answered by this copy: at once, where loading the
 * package through jiti would compile all of it, and where it cannot be found from the file (a global install, npx).
 * Other names are looked up there.
 */
function ownModule(file: string): object {
  const own: Record<string, unknown> = { __esModule: true, defineConfig, AtcError, isAtcError };
  return new Proxy(own, {
    get(_, name) {
      if (typeof name === 'symbol' || name === 'then') return undefined;
      return Object.hasOwn(own, name) ? own[name] : (requireFrom(file)('atc-memory') as typeof own)[name];
    },
  });
}

/** The default export of an ES module, `module.exports` of any other. */
function exported(file: string, module: unknown): unknown {
  const isObject = typeof module === 'object' && module !== null;
  const isModule = isObject && ('__esModule' in module || 'default' in module);
  const config = isModule ? (module as { default?: unknown }).default : module;
  if (typeof (config as { then?: unknown } | undefined | null)?.then === 'function') {
    const advice = 'write: export default await …';
    throw new AtcError('CONFIG', `${file}: the default export is a promise; ${advice}`, { path: file });
  }
  if (config !== undefined && config !== null) return config;
  const advice = 'write: export default defineConfig({ … })';
  throw new AtcError('CONFIG', `${file}: has no default export; ${advice}`, { path: file });
}

function resolveFound(cwd: string, found: CosmiconfigResult, options: LoadConfigOptions): ResolvedConfig {
  const { overrides, environment = process.env } = options;
  const isPackage = found !== null && path.basename(found.filepath) === 'package.json';
  if (found === null || (found.isEmpty && isPackage)) return resolveLayers({ cwd, environment, overrides });
  if (found.isEmpty) {
    requireRead(found.filepath);
    throw new AtcError('CONFIG', `${found.filepath}: is empty; write at least an empty object, {}`, {
      path: found.filepath,
    });
  }
  return resolveLayers({ cwd, file: { path: found.filepath, config: found.config }, environment, overrides });
}
