/** The page of a benchmark: each table with its numbers as bars. */
import { bars } from './bars.js';
import { themeToggle } from './controls.js';
import { element, section } from './dom.js';
import { table } from './tables.js';
import { watchTheme } from './theme.js';

export function benchPage(root, { machine, notes, sections }) {
  root.append(
    element(
      'header',
      {},
      element('h1', {}, document.title),
      ...[machine, ...notes].map((text) => element('p', { class: 'note' }, text)),
      element(
        'div',
        { class: 'controls' },
        themeToggle(() => undefined),
      ),
    ),
    ...sections.flatMap(({ name, left, tables }) =>
      left === undefined
        ? tables.map((one, k) => measured(`${name}-${k}`, one))
        : [section(name, name, `Left out: ${left}.`)],
    ),
  );
  // Nothing here is drawn, but paper is light.
  watchTheme(() => undefined);
}

function measured(id, { title, columns, rows, drawn, notes }) {
  const charts = drawn.map((k) => {
    const better = columns[k].isLess ? 'shorter is better' : 'longer is better';
    return bars(
      `${columns[k].name} (${better})`,
      rows.map((row) => ({ label: row[0].text, value: row[k].value, text: row[k].text })),
    );
  });
  return section(
    id,
    title,
    '',
    ...charts,
    table(
      title,
      columns.map(({ name, isText }, k) => ({
        label: name,
        numeric: !isText,
        value: (row) => (isText ? row[k].text : row[k].value),
        text: (row) => row[k].text,
      })),
      rows,
      { most: rows.length },
    ),
    ...notes.map((note) => element('p', { class: 'note' }, note)),
  );
}
