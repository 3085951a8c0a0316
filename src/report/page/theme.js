/** Colours of the page, light and dark. */

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export function isDark() {
  const { theme } = document.documentElement.dataset;
  return theme === undefined ? matchMedia('(prefers-color-scheme: dark)').matches : theme === 'dark';
}

/** Calls `onChange` when the system changes its scheme, and on paper, which is light. */
export function watchTheme(onChange) {
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', onChange);
  let before;
  addEventListener('beforeprint', () => {
    before = document.documentElement.dataset.theme;
    document.documentElement.dataset.theme = 'light';
    onChange();
  });
  addEventListener('afterprint', () => {
    if (before === undefined) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = before;
    onChange();
  });
}
