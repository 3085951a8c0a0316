/**
 * What the source text of a store's methods shows before any is called: a method that works on what lies in the
 * storage, instead of handing it out, would work on encoded text, and its answer would be wrong without a trace.
 * Recognised are the plain forms only: the field that both `get` and `set` use, and a property or index of a value read
 * from it. What is not recognised is let through.
 */
import type { StoreMethods } from './method-map.js';

type AnyFunction = (...args: never[]) => unknown;

export interface Storage {
  /** Patterns of expressions that hold all values, such as `this\.#entries`. */
  readonly whole: readonly string[];
  /** Property of a stored item that is the value; undefined where the item is the value. */
  readonly property: string | undefined;
}

/** How an unmapped method uses the storage so that it cannot be followed; undefined when nothing shows it. */
export function misuse(method: AnyFunction, storage: Storage | undefined): string | undefined {
  if (storage === undefined) return undefined;
  const source = sourceOf(method);
  for (const whole of storage.whole) {
    if (new RegExp(`(?:\\breturn\\s+|=>\\s*)${whole}\\s*(?:;|\\}|$)`).test(source))
      return 'hands out its whole storage';
  }
  return usedVariables(source, storage).length > 0 ? 'works on stored values itself' : undefined;
}

/** A static method that reads what lies in the storage of an instance: `store.#entries.get(key)`. */
export function readsStorageOfAnother(method: AnyFunction, { whole }: Storage): boolean {
  const source = sourceOf(method);
  return whole.some((pattern) => {
    if (!pattern.startsWith('this')) return false;
    const field = `[\\w$]+${pattern.slice('this'.length)}`;
    const looksUp = `(?<![\\w$.])${field}(?:\\??\\.(?:get|values|entries|forEach)\\(|\\[)`;
    const takesWhole = `(?:\\.\\.\\.|\\bof |\\breturn |=>)${field}|\\(${field}\\)`;
    const reads = `${looksUp}|${takesWhole}`;
    return new RegExp(reads).test(source);
  });
}

/** What is known of where a store puts its values. */
export function storageOf(store: object, { reads, writes }: StoreMethods): Storage | undefined {
  const source = (name: string | symbol) => {
    const method = (store as Record<string | symbol, unknown>)[name];
    return typeof method === 'function' ? sourceOf(method as AnyFunction) : '';
  };
  const read = Reflect.ownKeys(reads).map(source).join('\n');
  for (const name of Reflect.ownKeys(writes)) {
    const at = writes[name];
    const value = typeof at === 'number' ? parameter(source(name), at) : undefined;
    if (value === undefined) continue;
    const written = source(name);
    const whole = fields(written).filter((field) => fields(read).includes(field));
    if (whole.length === 0) continue;
    // Beside the values there may be times or counts, which are no values.
    const bare = whole.filter((field) => storesBare(written, field, value));
    if (bare.length > 0) return { whole: bare, property: undefined };
    const property = propertyWith(written, value);
    if (property !== undefined) return { whole, property };
  }
  return undefined;
}

/** Without comments, and without blanks that mean nothing, as a minifier leaves it. */
function sourceOf(method: AnyFunction): string {
  const text = Function.prototype.toString.call(method);
  // Far longer than any method of a cache: a bundle that was evaluated whole.
  if (text.length > 20_000) return '';
  const code = text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '');
  return code.replace(/\s+/g, ' ').replace(/ ?([^\w$ ]) ?/g, '$1');
}

/**
 * Fields of `this`, also private ones and those that compilers have made of private ones, as patterns; no calls of
 * methods.
 */
function fields(source: string): string[] {
  const found = source.match(
    /\bthis\.#?[\w$]+(?!\s*\(|[\w$])|\b__(?:classPrivateField|private)Get\(this,[\w$]+(?:,"f")?\)/g,
  );
  return [...new Set(found ?? [])].map((text) => `${text.replace(/[.$()[\]]/g, '\\$&')}(?![\\w$])`);
}

function parameter(source: string, at: number): string | undefined {
  const list = /^[^(]*\(([^)]*)\)/.exec(source)?.[1] ?? '';
  return /^\s*([\w$]+)/.exec(list.split(',')[at] ?? '')?.[1];
}

function storesBare(source: string, field: string, value: string): boolean {
  const name = value.replaceAll('$', '\\$');
  return new RegExp(
    `${field}(?:\\.\\w+\\([^()]*,\\s*${name}\\s*[,)]|\\[[^\\]]*\\]\\s*=\\s*${name}\\s*(?:[;,}]|$))`,
  ).test(source);
}

/** `{ value, … }` or `{ data: value, … }`. */
function propertyWith(source: string, value: string): string | undefined {
  const name = value.replaceAll('$', '\\$');
  const renamed = new RegExp(`[{,]\\s*([\\w$]+)\\s*:\\s*${name}\\s*[,}]`).exec(source)?.[1];
  return renamed ?? (new RegExp(`[{,]\\s*${name}\\s*[,}]`).test(source) ? value : undefined);
}

const CALLBACKS = 'map|filter|reduce|forEach|some|every|find|findIndex|findLast|flatMap|sort|toSorted';

/** Calls whose answer depends on what a value is, not only whether there is one. */
const LOOKS =
  'Array\\.isArray|JSON\\.stringify|Object\\.(?:keys|values|entries|assign|freeze)|Array\\.from|Number|' +
  'Math\\.\\w+|new (?:Map|Set)';

/** True when `source` spreads, destructures, loops over or looks at `item`, which would be an encoded text. */
function isTakenApart(source: string, item: string): boolean {
  const awaited = `\\(?(?:await )?${item}`;
  const forms = [
    `\\.\\.\\.${awaited}`,
    `\\bof ?${awaited}`,
    `(?:const|let|var) ?(?:\\{[^=;]*\\}|\\[[^=;]*\\]) ?= ?${awaited}`,
    `\\btypeof ?${awaited}\\)? ?[!=]=+(?!=|['"]undefined)`,
    `\\breturn typeof ?${awaited}\\)?(?![\\w$.(]|[!=]=)`,
    `${item}\\)? ?instanceof\\b`,
    `(?<![\\w$])(?:${LOOKS})\\((?:\\{\\},)?${awaited}`,
  ];
  return new RegExp(forms.join('|')).test(source);
}

/** Uses of a stored value inside `source`. */
function usedVariables(source: string, { whole, property }: Storage): string[] {
  const within = property === undefined ? '' : `(?:\\?\\.|\\.)${property}`;
  const access = `${within}\\s*(?:\\?\\.(?!then)|\\.(?!then\\b)|\\[)`;
  const used: string[] = [];
  for (const field of whole) {
    const item = `(?:${field}\\.get\\([^()]*(?:\\([^()]*\\)[^()]*)*\\)|${field}\\[[^\\]]*\\])`;
    if (new RegExp(`${item}\\)?${access}`).test(source)) used.push(field);
    if (property === undefined && isTakenApart(source, item)) used.push(field);
    const all = [
      `\\[\\.\\.\\.${field}\\.values\\(\\)\\]`,
      `Object\\.values\\(${field}\\)`,
      `Array\\.from\\(${field}\\.values\\(\\)\\)`,
      `${field}\\.values\\(\\)`,
    ].join('|');
    const bindings = [
      `(?:const|let|var)\\s+([\\w$]+)\\s*=\\s*(?:await\\s+)?${item}`,
      `(?:const|let|var)\\s+([\\w$]+)\\s+of\\s+(?:${all})`,
      `(?:const|let|var)\\s*\\[[\\w$]*,([\\w$]+)\\]of\\s+(?:Object\\.entries\\()?${field}`,
      `${field}\\.forEach\\(\\s*\\(?\\s*([\\w$]+)`,
      `(?:${all})\\.(?:${CALLBACKS})\\(\\s*\\((?:[\\w$]+\\s*,\\s*)?([\\w$]+)\\)?\\s*=>`,
      `(?:${all})\\.(?:${CALLBACKS})\\(\\s*\\(?([\\w$]+)`,
    ];
    for (const binding of bindings) {
      for (const [, name] of source.matchAll(new RegExp(binding, 'g'))) {
        if (name === undefined) continue;
        // Not a property of something else, though it may be spread.
        const variable = `(?<![\\w$])(?<!(?<!\\.\\.)\\.)${name.replaceAll('$', '\\$')}`;
        if (new RegExp(`${variable}${access}`).test(source)) used.push(name);
        else if (property === undefined && isTakenApart(source, `${variable}(?![\\w$])`)) used.push(name);
      }
    }
  }
  return used;
}
