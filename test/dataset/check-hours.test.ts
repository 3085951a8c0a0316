/** Which hours a check of history takes for closed ones. */
import { candles, check, found, MINUTE, without } from './check-samples.js';

test('a market that closes at night and at weekends, by the clock of New York, has no gaps but real ones', async () => {
  // A year of minutes from 09:30 to 16:00, with a change of the clock, two holidays, and one morning that is missing.
  const clock = new Intl.DateTimeFormat('en-US', {
    timeZone: 'America/New_York',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const all = candles(26 * 7 * 96, 15 * MINUTE, Date.UTC(2024, 0, 1));
  const isClosed = (ms: number) => {
    const [day, time] = clock.format(ms).split(' ');
    const date = new Date(ms).toISOString().slice(0, 10);
    return (
      day === 'Sat' ||
      day === 'Sun' ||
      time < '09:30' ||
      time >= '16:00' ||
      date === '2024-01-15' ||
      date === '2024-05-27'
    );
  };
  const session = without(all, isClosed);
  const { symbols, ok } = await check(session);
  expect(ok).toBe(true);
  expect(symbols[0]).toMatchObject({ timezone: 'America/New_York', stepMs: 15 * MINUTE });
  expect(symbols[0].findings).toEqual([expect.objectContaining({ kind: 'absent-days', severity: 'note', count: 2 })]);
  const morning = without(session, (ms) => ms >= Date.UTC(2024, 3, 10, 13, 45) && ms < Date.UTC(2024, 3, 10, 15));
  expect(await found(morning)).toContainEqual(expect.objectContaining({ kind: 'missing-candles', count: 5 }));
});

describe('of series of less than three weeks', () => {
  /** Minutes of days: Monday to Friday, by the clock of New York, over its change on 10 March 2024. */
  const minutes = candles(18 * 24 * 60, MINUTE, Date.UTC(2024, 2, 4));
  const isSummer = (ms: number) => ms >= Date.UTC(2024, 2, 10, 7);
  const clockOf = (ms: number) => new Date(ms - (isSummer(ms) ? 4 : 5) * 60 * MINUTE);

  test('nights and weekends are closed hours, a hole within a session is missing', async () => {
    const shares = without(minutes, (ms) => {
      const clock = clockOf(ms);
      const minute = clock.getUTCHours() * 60 + clock.getUTCMinutes();
      return [0, 6].includes(clock.getUTCDay()) || minute < 570 || minute >= 960;
    });
    const { ok, symbols } = await check(shares);
    expect({ ok, timezone: symbols[0].timezone, missing: symbols[0].missing }).toEqual({
      ok: true,
      timezone: 'America/New_York',
      missing: 0,
    });
    const hole = without(shares, (ms) => ms >= Date.UTC(2024, 2, 13, 15) && ms < Date.UTC(2024, 2, 13, 15, 30));
    expect(await found(hole)).toEqual([expect.objectContaining({ kind: 'missing-candles', count: 30 })]);
  });

  test('four days do not tell hours that are closed from hours that are missing', async () => {
    const mornings = (days: number) =>
      without(candles(days * 24 * 60, MINUTE, Date.UTC(2024, 0, 1)), (ms) => new Date(ms).getUTCHours() >= 12);
    expect(await found(mornings(5))).toEqual([]);
    expect(await found(mornings(4))).toEqual([
      expect.objectContaining({ kind: 'missing-candles', count: 3 * 12 * 60 }),
    ]);
  });

  test('currencies rest from Friday evening to Sunday evening', async () => {
    const currencies = without(minutes, (ms) => {
      const clock = clockOf(ms);
      const [day, hour] = [clock.getUTCDay(), clock.getUTCHours()];
      return day === 6 || (day === 5 && hour >= 17) || (day === 0 && hour < 17);
    });
    expect(await found(currencies)).toEqual([]);
  });

  test('a market that never closes has only missing candles, be they of a Saturday afternoon', async () => {
    const holes = without(minutes, (ms) => ms >= Date.UTC(2024, 2, 9, 12) && ms < Date.UTC(2024, 2, 9, 18));
    expect(await found(holes)).toEqual([expect.objectContaining({ kind: 'missing-candles', count: 360 })]);
  });
});
