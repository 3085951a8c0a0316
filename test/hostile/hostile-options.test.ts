/**
 * Every option of every function, with values of the wrong kind. Which options there are is found by looking: an object
 * that notes what is asked of it stands for the options.
 */
import { FUNCTIONS, isClass, RIGHT, useFolder } from './entries.js';
import { failureOf, HOSTILE } from './kinds.js';

useFolder();

/** Options whose name is not asked for, and those of the language. */
const NO_OPTION = new Set([
  'then',
  'toJSON',
  'constructor',
  'length',
  'inspect',
  'nodeType',
  '$$typeof',
  'asymmetricMatch',
]);

/** Each value would wait for a Redis; test/bullmq/mistakes and test/bullmq/disturbed-redis try its options. */
const WAITING = new Set(['createWorker']);

const isOptions = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  [Object.prototype, null].includes(Object.getPrototypeOf(value)) &&
  !Object.values(value).some(ArrayBuffer.isView);

/** The names that a call asks for in its argument at `position`. */
async function optionsRead(call: (args: unknown[]) => unknown, args: unknown[], position: number): Promise<string[]> {
  const names = new Set<string>();
  const note = (target: object, name: string | symbol, receiver: unknown) => {
    if (typeof name === 'string' && !NO_OPTION.has(name) && !/^\d+$/.test(name)) names.add(name);
    return Reflect.get(target, name, receiver);
  };
  args[position] = new Proxy(args[position] as object, { get: note });
  await failureOf(() => call(args));
  return [...names];
}

test.each(FUNCTIONS.filter(([, name]) => RIGHT[name] !== undefined && !WAITING.has(name)))(
  '%s %s',
  async (_entry, name, target) => {
    const right = RIGHT[name];
    const call = (args: unknown[]) => (isClass(target) ? Reflect.construct(target, args) : target(...args));
    const failures: string[] = [];
    for (let position = 0; position < right().length; position++) {
      if (!isOptions(right()[position])) continue;
      const names = await optionsRead(call, right(), position);
      for (const option of names) {
        for (const [kind, make] of Object.entries(HOSTILE)) {
          const args = right();
          args[position] = { ...(args[position] as object), [option]: make() };
          const failure = await failureOf(() => call(args));
          if (failure !== undefined) failures.push(`${option} is ${kind}: ${failure}`);
        }
      }
    }
    expect(failures).toEqual([]);
  },
);
