/** Tables: sortable by a button in each heading, scrolled inside their own box on a narrow screen. */
import { button } from './controls.js';
import { element } from './dom.js';
import { count } from './format.js';

const PAGE = 25;
const LONG = 30;

/**
 * `columns`: { label, title, value(row), text(row), node(row), numeric, class(row) }; `text` and `node` default to the
 * value. More rows than `most` are shown on demand; what is shown of how many is said above the table.
 */
export function table(caption, columns, rows, { sortable = true, filter = false, most = PAGE } = {}) {
  const body = element('tbody');
  const more = button('', () => show(shown + PAGE * 10), { class: 'more' });
  const every = button('show all', () => show(rows.length), { class: 'more' });
  let order = [...rows];
  const found = element('span', { class: 'note found', role: 'status' });
  let shown = most;
  let sorted = { k: -1, down: false };
  let wanted = '';

  const cell = (column, row) => {
    const content = column.node?.(row) ?? column.text?.(row) ?? column.value(row);
    const className = [column.numeric ? 'number' : '', column.class?.(row) ?? ''].join(' ').trim();
    // A long text is cut by the style.
    const words = content instanceof Node ? content.textContent : String(content);
    return element('td', { class: className, title: words.length > LONG ? words : undefined }, content);
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
    found.textContent = shownOf(Math.min(shown, matching.length), matching.length, rows.length);
    body.replaceChildren(
      ...matching.slice(0, shown).map((row) => element('tr', {}, ...columns.map((column) => cell(column, row)))),
    );
    more.hidden = every.hidden = matching.length <= shown;
    more.textContent = `show ${count(Math.min(PAGE * 10, matching.length - shown))} more`;
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
  return element(
    'div',
    { class: 'table' },
    ...(filter ? [search] : []),
    ...(filter || rows.length > most ? [found] : []),
    box,
    more,
    every,
  );
}

/** How many rows are in the table: `matching` the filter, of all that there are. */
function shownOf(shown, matching, all) {
  const which = matching === all ? `${count(all)} rows` : `${count(matching)} of ${count(all)} rows match`;
  return shown === matching ? which : `${which}, ${count(shown)} shown`;
}

/** Missing values last, whichever way. */
function compare(a, b, down) {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  const order = typeof a === 'string' ? a.localeCompare(b) : a - b;
  return down ? -order : order;
}
