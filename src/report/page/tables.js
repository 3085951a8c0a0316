/** Tables: sortable by a button in each heading, scrolled inside their own box on a narrow screen. */
import { element } from './dom.js';
import { count } from './format.js';

const PAGE = 25;

/**
 * `columns`: { label, title, value(row), text(row), node(row), numeric, class(row) }; `text` and `node` default to the
 * value. More rows than a page are shown on demand.
 */
export function table(caption, columns, rows, { sortable = true, filter = false, most = PAGE } = {}) {
  const body = element('tbody');
  const more = element('button', { type: 'button', class: 'more', onclick: () => show(shown + PAGE * 10) });
  let order = [...rows];
  const found = element('span', { class: 'note found', role: 'status' });
  let shown = most;
  let sorted = { k: -1, down: false };
  let wanted = '';

  const cell = (column, row) => {
    const content = column.node?.(row) ?? column.text?.(row) ?? column.value(row);
    return element(
      'td',
      { class: [column.numeric ? 'number' : '', column.class?.(row) ?? ''].join(' ').trim() },
      content,
    );
  };
  const matches = (row) =>
    wanted === '' ||
    columns.some((column) =>
      String(column.text?.(row) ?? column.value(row))
        .toLowerCase()
        .includes(wanted),
    );
  const show = (most) => {
    shown = most;
    const matching = order.filter(matches);
    found.textContent =
      wanted === '' ? `${count(rows.length)} rows` : `${count(matching.length)} of ${count(rows.length)} rows`;
    body.replaceChildren(
      ...matching.slice(0, shown).map((row) => element('tr', {}, ...columns.map((column) => cell(column, row)))),
    );
    more.hidden = matching.length <= shown;
    more.textContent = `show more (${count(matching.length - Math.min(shown, matching.length))} left)`;
  };
  const sortBy = (k) => {
    sorted = { k, down: sorted.k === k ? !sorted.down : columns[k].numeric === true };
    const { value } = columns[k];
    order = [...rows].sort((a, b) => compare(value(a), value(b), sorted.down));
    for (const [i, heading] of headings.entries()) {
      heading.setAttribute('aria-sort', i === k ? (sorted.down ? 'descending' : 'ascending') : 'none');
    }
    show(shown);
  };
  const headings = columns.map((column, k) =>
    element(
      'th',
      { scope: 'col', class: column.numeric ? 'number' : '', title: column.title },
      sortable
        ? element('button', { type: 'button', title: column.title, onclick: () => sortBy(k) }, column.label)
        : column.label,
    ),
  );
  show(shown);
  const box = element(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption },
    element('table', {}, element('caption', {}, caption), element('thead', {}, element('tr', {}, ...headings)), body),
  );
  const search = element('input', {
    type: 'search',
    placeholder: 'filter',
    'aria-label': `filter ${caption}`,
    oninput: ({ target }) => {
      wanted = target.value.toLowerCase();
      show(PAGE);
    },
  });
  return element('div', { class: 'table' }, ...(filter ? [search, found] : []), box, more);
}

/** Missing values last, whichever way. */
function compare(a, b, down) {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  const order = typeof a === 'string' ? a.localeCompare(b) : a - b;
  return down ? -order : order;
}
