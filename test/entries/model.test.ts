/**
 * An entry directory against a Map: random commands of several handles on one directory, restarts among them. Longer by
 * hand: ATC_MODEL_RUNS=5000 ATC_MODEL_SEED=7 npx jest test/entries/model
 */
import { EntryDirectory } from 'atc-memory';
import fc from 'fast-check';
import { useWorkspace } from '../io/workspace.js';

const RUNS = Number(process.env.ATC_MODEL_RUNS ?? 40);
const SEED = Number(process.env.ATC_MODEL_SEED ?? 1);
const HANDLES = 3;
const workspace = useWorkspace();
let count = 0;

interface Stored {
  readonly value: unknown;
  readonly isExpired: boolean;
}
type Model = Map<string, Stored>;

class Handles {
  readonly #directory = workspace.at(`model ${count++}`);
  readonly #entries = Array.from({ length: HANDLES }, (_, at) => this.#open(at));

  /** Of every mode, and one that syncs. */
  #open(at: number): EntryDirectory {
    const mode = ([true, 'verify', false] as const)[at];
    return new EntryDirectory({ directory: this.#directory, mode, durability: at === 1 ? 'power' : 'process' });
  }

  at(handle: number): EntryDirectory {
    return this.#entries[handle];
  }

  restart(handle: number): void {
    this.#entries[handle] = this.#open(handle);
  }
}

type Command = fc.AsyncCommand<Model, Handles>;

function command(text: string, run: (model: Model, real: Handles) => Promise<void>): Command {
  return { check: () => true, run, toString: () => text };
}

const handle = fc.nat(HANDLES - 1);
const key = fc.oneof(fc.constantFrom('a', 'b', 'ns:a', 'ns:b', '', '__proto__', '\ud800'), fc.string({ maxLength: 3 }));
const value = fc.oneof(
  fc.jsonValue(),
  fc.bigInt(),
  fc.constantFrom(-0, Number.NaN, undefined, new Map([[1, 'x']])),
  fc.float64Array({ maxLength: 40 }),
  fc.array(fc.record({ timestamp: fc.nat(), close: fc.double() }), { maxLength: 40 }),
);
const fresh = (model: Model, prefix: string) =>
  [...model].filter(([name, { isExpired }]) => name.startsWith(prefix) && !isExpired);

const commands: fc.Arbitrary<Command>[] = [
  fc.tuple(handle, key, value, fc.constantFrom(false, false, false, true)).map(([at, name, stored, isExpired]) =>
    command(`set(${at}, ${fc.stringify([name, stored, isExpired])})`, async (model, real) => {
      await real.at(at).set(name, stored, isExpired ? { expires: 1 } : {});
      model.set(name, { value: stored, isExpired });
    }),
  ),
  fc.tuple(handle, key).map(([at, name]) =>
    command(`get(${at}, ${fc.stringify(name)})`, async (model, real) => {
      const wanted = model.get(name);
      const found = await real.at(at).get(name);
      expect(found !== undefined).toBe(wanted !== undefined && !wanted.isExpired);
      if (found !== undefined) expect([found.key, found.value]).toEqual([name, wanted?.value]);
      if (wanted?.isExpired) model.delete(name);
    }),
  ),
  fc.tuple(handle, key).map(([at, name]) =>
    command(`delete(${at}, ${fc.stringify(name)})`, async (model, real) => {
      expect(await real.at(at).delete(name)).toBe(model.delete(name));
    }),
  ),
  fc.tuple(handle, fc.constantFrom('', 'ns:', 'a')).map(([at, prefix]) =>
    command(`list(${at}, ${prefix})`, async (model, real) => {
      const found = new Map<string, unknown>();
      for await (const entry of real.at(at).entries(prefix)) found.set(entry.key, entry.value);
      expect(found).toEqual(new Map(fresh(model, prefix).map(([name, stored]) => [name, stored.value])));
    }),
  ),
  fc.tuple(handle, fc.constantFrom('ns:', 'a', '')).map(([at, prefix]) =>
    command(`clear(${at}, ${prefix})`, async (model, real) => {
      await real.at(at).clear(prefix);
      for (const name of [...model.keys()]) if (name.startsWith(prefix)) model.delete(name);
    }),
  ),
  handle.map((at) =>
    command(`prune(${at})`, async (model, real) => {
      const expired = [...model].filter(([, stored]) => stored.isExpired).map(([name]) => name);
      expect(await real.at(at).prune()).toEqual({ expired: expired.length, evicted: 0, unfinished: 0 });
      for (const name of expired) model.delete(name);
    }),
  ),
  handle.map((at) => command(`restart(${at})`, async (_, real) => real.restart(at))),
];

test(
  'any commands of several handles on one directory give what a Map gives',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 60, size: 'max' }), async (some) => {
        const real = new Handles();
        await fc.asyncModelRun(() => ({ model: new Map() as Model, real }), some);
        for (let at = 0; at < HANDLES; at++) expect(real.at(at).damaged).toBe(0);
      }),
      { numRuns: RUNS, seed: SEED },
    );
  },
  60_000 + RUNS * 1000,
);
