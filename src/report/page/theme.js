/** Colours of the page, light and dark. */
import { watchPaper } from './paper.js';

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export function isDark() {
  const { theme } = document.documentElement.dataset;
  return theme === undefined ? matchMedia('(prefers-color-scheme: dark)').matches : theme === 'dark';
}

/** Calls `redraw` when the colours change: with the scheme of the system, and on paper, which is light. */
export function watchTheme(redraw) {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw);
  watchPaper(redraw);
}
