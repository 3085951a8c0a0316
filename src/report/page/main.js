/** Draws the page of what the data is of. */
import { backtestPage } from './backtest-page.js';
import { benchPage } from './bench-page.js';
import { element } from './dom.js';
import { studyPage } from './study-page.js';
import { walkForwardPage } from './walk-forward-page.js';

const PAGES = { backtest: backtestPage, study: studyPage, 'walk-forward': walkForwardPage, bench: benchPage };

async function draw(root) {
  const data = JSON.parse(document.getElementById('data').textContent);
  try {
    await PAGES[data.kind](root, data);
  } catch (error) {
    root.replaceChildren(element('p', {}, `This report could not be drawn: ${error}`));
    throw error;
  }
}

draw(document.getElementById('report'));
