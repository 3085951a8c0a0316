/**
 * A candle store against a Map: random commands of several handles on one series, restarts among them. Longer by hand:
 * ATC_MODEL_RUNS=5000 ATC_MODEL_SEED=7 npx jest test/candle-store/model
 */
import { openCandleStore, type StoredCandle } from 'atc-memory';
import fc from 'fast-check';
import { useWorkspace } from '../io/workspace.js';

const RUNS = Number(process.env.ATC_MODEL_RUNS ?? 40);
const SEED = Number(process.env.ATC_MODEL_SEED ?? 1);
const HANDLES = 3;
const STEP = 60_000;
const NAME = { exchange: 'x', symbol: 'A', interval: '1m' };
const workspace = useWorkspace();
let count = 0;

/** What was written first for each timestamp. */
type Model = { rows: Map<number, StoredCandle> };

class Handles {
  readonly #root = workspace.at(`model ${count++}`);
  readonly #layout: 'packed' | 'mapped';
  readonly #stores;

  constructor(layout: 'packed' | 'mapped') {
    this.#layout = layout;
    this.#stores = Array.from({ length: HANDLES }, () => this.#open());
  }

  #open() {
    return openCandleStore(this.#root, { layout: this.#layout, sealRows: 8, mappingBackend: 'read' });
  }

  series(handle: number) {
    return this.#stores[handle].series(NAME);
  }

  restart(handle: number): void {
    this.#stores[handle].close();
    this.#stores[handle] = this.#open();
  }

  close(): void {
    for (const store of this.#stores) store.close();
  }
}

type Command = fc.Command<Model, Handles>;

function command(text: string, run: (model: Model, real: Handles) => void): Command {
  return { check: () => true, run, toString: () => text };
}

const handle = fc.nat(HANDLES - 1);
const minute = fc.nat(40);
const price = fc.oneof(fc.double(), fc.constantFrom(-0, Number.NaN, Infinity, 5e-324));
/** The usual shape, one of another, and one that is a document. */
const extra = fc.constantFrom({}, {}, {}, { trades: 3 }, { note: 'a "text"' });

const commands: fc.Arbitrary<Command>[] = [
  fc.tuple(handle, fc.array(fc.tuple(minute, price, extra), { minLength: 1, maxLength: 12 })).map(([at, rows]) => {
    const candles = rows.map(([k, close, more]) => {
      return { timestamp: k * STEP, open: 1, high: 2, low: 0.5, close, volume: 3, ...more } as StoredCandle;
    });
    return command(`write(${at}, ${fc.stringify(candles)})`, (model, real) => {
      let fresh = 0;
      for (const candle of candles) {
        if (model.rows.has(candle.timestamp)) continue;
        model.rows.set(candle.timestamp, { ...candle });
        fresh++;
      }
      expect(real.series(at).write(candles)).toBe(fresh);
    });
  }),
  fc.tuple(handle, minute, fc.integer({ min: 1, max: 6 })).map(([at, from, limit]) =>
    command(`read(${at}, ${from}, ${limit})`, (model, real) => {
      const wanted = Array.from({ length: limit }, (_, i) => model.rows.get((from + i) * STEP));
      const found = real.series(at).read(from * STEP, STEP, limit);
      expect(found).toEqual(wanted.includes(undefined) ? undefined : wanted.map(comparable));
    }),
  ),
  fc.tuple(handle, minute).map(([at, k]) =>
    command(`has(${at}, ${k})`, (model, real) => {
      expect(real.series(at).has(k * STEP)).toBe(model.rows.has(k * STEP));
    }),
  ),
  handle.map((at) =>
    command(`list(${at})`, (model, real) => {
      const wanted = [...model.rows.values()].sort((a, b) => a.timestamp - b.timestamp);
      expect([...real.series(at).candles()]).toEqual(wanted.map(comparable));
      expect(real.series(at).length).toBe(wanted.length);
    }),
  ),
  handle.map((at) => command(`seal(${at})`, (_, real) => real.series(at).seal())),
  handle.map((at) => command(`close(${at})`, (_, real) => real.series(at).close())),
  handle.map((at) => command(`restart(${at})`, (_, real) => real.restart(at))),
];

/** A document is JSON, in which no NaN, infinity or -0 is: it stores what JSON says. */
function comparable(candle: StoredCandle | undefined): unknown {
  if (candle === undefined || Object.values(candle).every((value) => typeof value === 'number')) return candle;
  return JSON.parse(JSON.stringify(candle));
}

test.each(['packed', 'mapped'] as const)(
  'any commands of %s handles on one series give what a Map gives',
  (layout) => {
    fc.assert(
      fc.property(fc.commands(commands, { maxCommands: 60, size: 'max' }), (some) => {
        const real = new Handles(layout);
        try {
          fc.modelRun(() => ({ model: { rows: new Map() }, real }), some);
        } finally {
          real.close();
        }
      }),
      { numRuns: RUNS, seed: SEED },
    );
  },
  60_000 + RUNS * 1000,
);
