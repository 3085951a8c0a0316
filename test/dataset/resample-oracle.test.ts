/** Resampling against an oracle that groups objects in a Map and decides by `Intl` where a bucket begins. */
import fc from 'fast-check';
import { memoryTable } from '../../src/dataset/memory.js';
import { resample } from '../../src/dataset/resample.js';

const parameters = { seed: 20240131, numRuns: 60 };
const MINUTE = 60_000;
const zones = ['UTC', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'America/Sao_Paulo'];

/** What a bucket is called by the local date alone; two rows are in one bucket exactly when they have one name. */
function nameOf(ms: number, unit: string, timezone: string): string {
  const [month, day, year] = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  })
    .format(ms)
    .split('/');
  if (unit === '1d') return `${year}-${month}-${day}`;
  if (unit === '1M') return `${year}-${month}`;
  if (unit === '1q') return `${year} q${Math.floor((Number(month) - 1) / 3)}`;
  if (unit === '1y') return year;
  const date = new Date(`${year}-${month}-${day}T00:00Z`);
  date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  return date.toISOString().slice(0, 10);
}

const series = fc
  .tuple(
    fc.integer({ min: Date.UTC(2015, 0), max: Date.UTC(2030, 0) }),
    fc.constantFrom(7 * MINUTE, 61 * MINUTE, 613 * MINUTE, 3000 * MINUTE),
    fc.array(
      fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: -50, max: 50 }), fc.integer({ min: 0, max: 9 })),
      {
        minLength: 1,
        maxLength: 120,
      },
    ),
  )
  .map(([start, step, rows]) => {
    let ms = Math.floor(start / MINUTE) * MINUTE;
    return rows.map(([gap, price, volume]) => {
      ms += gap * step;
      return { ms, price: price === -50 ? Number.NaN : price / 4, volume: volume / 8 };
    });
  });

test('calendar buckets hold the rows that one local date rule puts together, with the right aggregates', () => {
  fc.assert(
    fc.property(
      series,
      fc.constantFrom('1d', '1w', '1M', '1q', '1y'),
      fc.constantFrom(...zones),
      (rows, unit, timezone) => {
        const table = memoryTable('A', {
          timestamp: Float64Array.from(rows, ({ ms }) => ms),
          open: Float64Array.from(rows, ({ price }) => price),
          high: Float64Array.from(rows, ({ price }) => price),
          low: Float64Array.from(rows, ({ price }) => price),
          close: Float64Array.from(rows, ({ price }) => price),
          vwap: Float64Array.from(rows, ({ price }) => price),
          volume: Float64Array.from(rows, ({ volume }) => volume),
        });
        const groups = new Map<string, typeof rows>();
        for (const row of rows) {
          const name = nameOf(row.ms, unit, timezone);
          groups.set(name, [...(groups.get(name) ?? []), row]);
        }
        const made = [...resample(table, unit, { timezone })].flatMap(({ columns }) =>
          Array.from(columns.timestamp as Float64Array, (ms, row) =>
            Object.fromEntries([
              ['timestamp', Number(ms)],
              ...Object.keys(columns).map((name) => [name, Number(columns[name][row])]),
            ]),
          ),
        );
        expect(made).toHaveLength(groups.size);
        [...groups.values()].forEach((group, k) => {
          const prices = group.map(({ price }) => price).filter((price) => !Number.isNaN(price));
          expect(made[k]).toMatchObject({
            open: prices[0] ?? Number.NaN,
            high: prices.length === 0 ? Number.NaN : Math.max(...prices),
            low: prices.length === 0 ? Number.NaN : Math.min(...prices),
            close: prices.at(-1) ?? Number.NaN,
            volume: group.reduce((sum, { volume }) => sum + volume, 0),
          });
          const weighed = group.filter(({ price, volume }) => volume > 0 && !Number.isNaN(price));
          if (weighed.length > 0) {
            const total = weighed.reduce((sum, { volume }) => sum + volume, 0);
            const mean = weighed.reduce((sum, { price, volume }) => sum + price * volume, 0) / total;
            expect(Math.abs(made[k].vwap - mean)).toBeLessThan(1e-12 * (1 + Math.abs(mean)));
          }
          // It begins on the local date of its name, and not later than its first row.
          expect(made[k].timestamp).toBeLessThanOrEqual(group[0].ms);
          expect(nameOf(made[k].timestamp, unit, timezone)).toBe(nameOf(group[0].ms, unit, timezone));
          expect(nameOf(made[k].timestamp - 1, unit, timezone)).not.toBe(nameOf(group[0].ms, unit, timezone));
        });
      },
    ),
    parameters,
  );
});

test('resampling in two steps gives what one step gives', () => {
  fc.assert(
    fc.property(series, fc.constantFrom(...zones), (rows, timezone) => {
      const table = memoryTable('A', {
        timestamp: Float64Array.from(rows, ({ ms }) => ms),
        high: Float64Array.from(rows, ({ price }) => price),
        volume: Float64Array.from(rows, ({ volume }) => volume),
      });
      const join = (batches: ReturnType<typeof resample>) => {
        const list = [...batches];
        return Object.fromEntries(
          Object.keys(list[0].columns).map((name) => [
            name,
            Float64Array.from(list.flatMap(({ columns }) => [...columns[name]].map(Number))),
          ]),
        );
      };
      const daily = memoryTable('A', join(resample(table, '1d', { timezone })));
      expect(join(resample(daily, '1M', { timezone }))).toEqual(join(resample(table, '1M', { timezone })));
    }),
    parameters,
  );
});
