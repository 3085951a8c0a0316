/** Numbers as bars, with the number beside each. */
import { element } from './dom.js';

export function largest(rows) {
  return rows.reduce((a, { value }) => Math.max(a, Math.abs(value ?? 0)), 0) || 1;
}

/** `rows`: { label, value, text, title }; a missing value has no bar. `most` is the value of a whole bar. */
export function bars(caption, rows, most = largest(rows)) {
  return element(
    'figure',
    { class: 'bars' },
    element('figcaption', {}, caption),
    ...rows.map(({ label, value, text, title }) => {
      const bar = element('div', { class: value < 0 ? 'bar loss' : 'bar' });
      bar.style.width = `${((Math.abs(value ?? 0) / most) * 100).toFixed(2)}%`;
      return element(
        'div',
        { class: 'row', title: title ?? `${label}: ${text}` },
        element('span', { class: 'label' }, label),
        element('div', { class: 'track' }, bar),
        element('span', { class: 'value' }, text),
      );
    }),
  );
}
