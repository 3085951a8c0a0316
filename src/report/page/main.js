/** Draws the page of what the data is of. */
import { backtestPage } from './backtest-page.js';
import { element } from './dom.js';

const PAGES = { backtest: backtestPage };

const data = JSON.parse(document.getElementById('data').textContent);
const root = document.getElementById('report');
try {
  PAGES[data.kind](root, data);
} catch (error) {
  root.replaceChildren(element('p', {}, `This report could not be drawn: ${error}`));
  throw error;
}
