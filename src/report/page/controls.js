/** Controls above charts and pages. */
import { element } from './dom.js';
import { short } from './format.js';
import { isDark } from './theme.js';

export function button(label, onclick, attributes = {}) {
  return element('button', { type: 'button', ...attributes, onclick }, label);
}

/** A button that is on or off. */
export function toggle(label, { id, isOn, onChange }) {
  const made = button(label, () => {
    const next = made.getAttribute('aria-pressed') !== 'true';
    made.setAttribute('aria-pressed', String(next));
    onChange(next);
  });
  made.id = id;
  made.setAttribute('aria-pressed', String(isOn));
  return made;
}

/** Light or dark, beginning with what the system has. */
export function themeToggle(onChange) {
  return toggle('Dark', {
    id: 'theme',
    isOn: isDark(),
    onChange: (dark) => {
      document.documentElement.dataset.theme = dark ? 'dark' : 'light';
      onChange();
    },
  });
}

/** `options`: [value, label]. */
export function choice(id, label, options, value, onChange) {
  const select = element(
    'select',
    { id, onchange: () => onChange(select.value) },
    ...options.map(([key, text]) => element('option', { value: key }, short(text))),
  );
  select.value = String(value);
  return [element('label', { for: id }, label), select];
}

/** Zoom and movement of charts over time for fingers and keyboards. `charts` returns them. */
export function zoomButtons(charts) {
  const move = (label, name, ...how) =>
    button(label, () => charts()?.move(...how), { 'aria-label': name, title: name });
  return [
    move('−', 'zoom out', 2),
    move('+', 'zoom in', 0.5),
    move('◀', 'earlier', 1, -0.5),
    move('▶', 'later', 1, 0.5),
    button('Show all', () => charts()?.showAll(), { id: 'all' }),
  ];
}
