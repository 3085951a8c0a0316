/**
 * The strict schema of a configuration. valibot is loaded on first use; the message of each part says what it allows.
 */
import type { GenericSchema } from 'valibot';
import { AtcError } from '../errors.js';
import { nearestName } from '../nearest.js';
import { requireNow } from '../require-now.js';
import type { AtcConfig } from './keys.js';

type Valibot = typeof import('valibot');

function buildSchema(v: Valibot): GenericSchema<AtcConfig> {
  const mode = v.union([v.boolean(), v.picklist(['read', 'verify'] as const)], "false, 'read', 'verify' or true");
  const levelRule = 'a whole number from 0 to 9';
  const level = v.picklist([0, 1, 2, 3, 4, 5, 6, 7, 8, 9] as const, levelRule);
  const text = (what: string) => v.pipe(v.string(what), v.minLength(1, what));
  const features = {
    useMemoryMapped: v.optional(mode),
    useCompression: v.optional(mode),
    compressionLevel: v.optional(level),
    compressionAlgorithm: v.optional(v.picklist(['auto', 'lz4', 'zlib'] as const, "'auto', 'lz4' or 'zlib'")),
    mappingBackend: v.optional(
      v.picklist(['auto', 'mmap-io', 'koffi', 'read'] as const, "'auto', 'mmap-io', 'koffi' or 'read'"),
    ),
  };
  const methodNames = v.optional(v.array(text('the name of a method'), 'a list of method names'));
  const milliseconds = 'a positive number of milliseconds';
  const bytes = 'a positive number of bytes, or false for no bound';
  const service = v.strictObject(
    {
      ...features,
      carrier: v.optional(v.picklist(['bytes', 'text'] as const, "'bytes' or 'text'")),
      methods: methodNames,
      inputs: methodNames,
      ttlMs: v.optional(v.pipe(v.number(milliseconds), v.finite(milliseconds), v.gtValue(0, milliseconds))),
    },
    'an object of service settings',
  );
  return v.strictObject(
    {
      ...features,
      cacheDir: v.optional(text('the path of a directory')),
      maxCacheBytes: v.optional(
        v.union([v.literal(false, bytes), v.pipe(v.number(bytes), v.finite(bytes), v.gtValue(0, bytes))], bytes),
      ),
      services: v.optional(v.record(v.string(), service, 'an object of services by name')),
      atc: v.optional(v.record(v.string(), v.unknown(), 'an object of strategy parameters')),
    },
    'an object',
  );
}

let schema: GenericSchema<AtcConfig> | undefined;

/**
 * Checks one layer of configuration and returns it. `where` opens the message: a file, an environment variable, an
 * option. Throws CONFIG naming every key that is wrong, what was found, what is allowed and the nearest known key.
 */
export function checkConfig(value: unknown, where: string, path?: string): AtcConfig {
  refuseOtherObjects(value, where, path);
  const v = requireNow<Valibot>('valibot');
  schema ??= buildSchema(v);
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const problems = result.issues.map((issue) => {
    const steps = (issue.path ?? []).map((step) => String((step as { key: unknown }).key));
    const key = steps.join('.');
    if (issue.type === 'strict_object' && issue.expected === 'never') {
      return { key, text: unknownKey(key, steps, knownKeys(steps.slice(0, -1))) };
    }
    const found = `${key === '' ? 'the configuration' : key} is ${show((issue as { input: unknown }).input)}`;
    return { key, text: `${found}; allowed: ${issue.message}` };
  });
  const texts = [...new Set(problems.map((problem) => problem.text))];
  throw new AtcError('CONFIG', `${where}: ${texts.join('\n  ')}`, { path, key: problems[0].key || undefined });
}

/** valibot takes lists, maps and dates for objects: no key of theirs would count. */
function refuseOtherObjects(value: unknown, where: string, path: string | undefined): void {
  const require = (part: unknown, key?: string) => {
    const kind = otherObject(part);
    if (kind === undefined) return;
    const what = key === undefined ? 'the configuration' : key;
    throw new AtcError('CONFIG', `${where}: ${what} is ${kind}; allowed: an object`, { path, key });
  };
  require(value);
  const { services, atc } = (value ?? {}) as AtcConfig;
  require(services, 'services');
  require(atc, 'atc');
  if (typeof services !== 'object' || services === null) return;
  for (const [name, settings] of Object.entries(services)) require(settings, `services.${name}`);
}

/** What an object is that is neither `{ … }` nor an instance of a class of the user; undefined for all others. */
function otherObject(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (Array.isArray(value)) return 'a list';
  // By the tag: an object of another realm is no instance of this one's classes.
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return tag === 'Object' || tag === 'Module' ? undefined : `a ${tag}`;
}

/** The keys an object at this level of the schema may have. */
function knownKeys(steps: readonly string[]): string[] {
  let at: unknown = schema;
  for (const step of steps) {
    const part = at as { entries?: Record<string, unknown>; value?: unknown; wrapped?: unknown };
    at = part.entries?.[step] ?? part.value;
    while (at && (at as { wrapped?: unknown }).wrapped) at = (at as { wrapped: unknown }).wrapped;
  }
  return Object.keys((at as { entries: Record<string, unknown> }).entries);
}

function unknownKey(key: string, steps: readonly string[], known: readonly string[]): string {
  const nearest = nearestName(steps[steps.length - 1], known);
  const prefix = steps
    .slice(0, -1)
    .map((step) => `${step}.`)
    .join('');
  const hint = nearest === undefined ? '' : ` (did you mean ${prefix}${nearest}?)`;
  return `${key} is not a known key${hint}; known: ${known.join(', ')}`;
}

function show(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'function') return 'a function';
  let text: string | undefined;
  try {
    text = typeof value === 'bigint' ? `${value}n` : JSON.stringify(value);
  } catch {
    text = undefined;
  }
  text = Number.isNaN(value) || value === Infinity || value === -Infinity ? String(value) : (text ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
