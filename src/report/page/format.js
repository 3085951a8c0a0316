/** Numbers as a person reads them. Missing ones are a dash. */
const DAY = 86_400_000;

export const none = '–';

/** A share in per cent; small ones with two digits of their own rather than as 0. */
export function percent(value, digits = 2) {
  if (value === null) return none;
  const shown = (value * 100).toFixed(digits);
  if (value === 0 || Number(shown) !== 0) return `${shown} %`;
  // Too small for the digits, yet not 0.
  if (Math.abs(value) < 1e-6) return value > 0 ? '< 0.0001 %' : '> -0.0001 %';
  return `${Number((value * 100).toPrecision(2))} %`;
}

export function ratio(value) {
  return value === null ? none : value.toFixed(2);
}

export function count(value) {
  return value === null ? none : value.toLocaleString('en-US', { maximumFractionDigits: 1 });
}

export function price(value) {
  return value === null ? none : Number(value.toPrecision(7)).toString();
}

export function duration(ms) {
  if (ms === null) return none;
  if (ms >= DAY) return `${count(ms / DAY)} d`;
  if (ms >= 3_600_000) return `${count(ms / 3_600_000)} h`;
  return `${count(ms / 60_000)} min`;
}

/** UTC; without the clock where it is midnight. */
export function time(ms) {
  if (ms === null) return none;
  const text = new Date(ms).toISOString();
  return ms % DAY === 0 ? text.slice(0, 10) : text.slice(0, 16).replace('T', ' ');
}

/** A name of the data where there is little room: a long one loses its middle, where names differ least. */
export function short(text, most = 60) {
  const characters = Array.from(String(text).slice(0, 4 * most));
  const { length } = String(text);
  if (length <= most) return String(text);
  const half = Math.floor((most - 1) / 2);
  const tail = Array.from(String(text).slice(-4 * most)).slice(-half);
  return `${characters.slice(0, half).join('')}…${tail.join('')}`;
}

/** The class of gains and of losses. */
export function signClass(value) {
  return value === null || value === 0 ? '' : value > 0 ? 'gain' : 'loss';
}
