/** `ATC_*` environment variables as a layer of configuration. An empty variable counts as not set. */
import { requireOptions } from '../arguments.js';
import { AtcError } from '../errors.js';
import { nearestName } from '../nearest.js';
import { type AtcConfig, ENVIRONMENT } from './keys.js';
import { checkConfig } from './schema.js';

const PREFIX = 'ATC_';
const WORDS: Readonly<Record<string, boolean>> = { true: true, false: false, on: true, off: false, 1: true, 0: false };

export interface EnvironmentLayer {
  readonly config: AtcConfig;
  /** Name of the variable that set each top-level key. */
  readonly variables: Readonly<Partial<Record<keyof AtcConfig, string>>>;
}

/**
 * Reads and checks the variables of `environment`. One that is not known but nearly spells a known one is a CONFIG
 * error; any other `ATC_` name belongs to someone else.
 */
export function readEnvironment(environment: Readonly<Record<string, string | undefined>>): EnvironmentLayer {
  requireOptions(environment, 'loadConfig: environment');
  const config: AtcConfig = {};
  const variables: Partial<Record<keyof AtcConfig, string>> = {};
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX) || text === undefined || text.trim() === '') continue;
    if (!Object.hasOwn(ENVIRONMENT, name)) {
      refuseMisspelling(name);
      continue;
    }
    const key = ENVIRONMENT[name as keyof typeof ENVIRONMENT];
    const value = parse(name, key, text.trim());
    Object.assign(config, checkConfig({ [key]: value }, `environment variable ${name}`));
    variables[key] = name;
  }
  return { config, variables };
}

function parse(name: string, key: keyof AtcConfig, text: string): unknown {
  switch (key) {
    case 'useMemoryMapped':
    case 'useCompression': {
      const word = text.toLowerCase();
      return Object.hasOwn(WORDS, word) ? WORDS[word] : word;
    }
    case 'maxCacheBytes':
      if (text.toLowerCase() === 'false') return false;
      return /^\d+$/.test(text) ? Number(text) : text;
    case 'compressionLevel':
      return /^\d+$/.test(text) ? Number(text) : text;
    case 'services':
    case 'atc':
      try {
        return JSON.parse(text);
      } catch (cause) {
        const place = { key, cause };
        throw new AtcError(
          'CONFIG',
          `environment variable ${name}: not valid JSON: ${(cause as Error).message}`,
          place,
        );
      }
    default:
      return text;
  }
}

function refuseMisspelling(name: string): void {
  const known = Object.keys(ENVIRONMENT);
  // Compared without the prefix: it is half of a short name, and would make strangers look alike.
  const nearest = nearestName(
    name.slice(PREFIX.length),
    known.map((variable) => variable.slice(PREFIX.length)),
  );
  if (nearest === undefined) return;
  const advice = `did you mean ${PREFIX}${nearest}? known: ${known.join(', ')}`;
  throw new AtcError('CONFIG', `environment variable ${name} is not known; ${advice}`);
}
