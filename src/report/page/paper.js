/** Paper: light, with charts as wide as the sheet and every definition open; afterwards everything as it was. */

/** CSS pixels of a chart on paper; the style scales it to the sheet, so that its text is a little smaller there. */
const PAPER_WIDTH = 900;
/** Below it nothing can be read. */
const LEAST_WIDTH = 200;
/** Pixels of a canvas for each of CSS, at least: paper has more than a screen. */
const PAPER_DENSITY = 2;

let isPrinting = false;

export function onPaper() {
  return isPrinting;
}

/** How wide a chart in `box` is drawn. */
export function chartWidth(box) {
  return isPrinting ? PAPER_WIDTH : Math.max(box.clientWidth, LEAST_WIDTH);
}

export function density() {
  return isPrinting ? Math.max(devicePixelRatio, PAPER_DENSITY) : devicePixelRatio;
}

/** Calls `redraw` before the page is printed and after it; it must be done when it returns. */
export function watchPaper(redraw) {
  let before;
  let opened = [];
  addEventListener('beforeprint', () => {
    if (isPrinting) return;
    isPrinting = true;
    before = document.documentElement.dataset.theme;
    document.documentElement.dataset.theme = 'light';
    opened = [...document.querySelectorAll('details:not([open])')];
    for (const one of opened) one.open = true;
    redraw();
  });
  addEventListener('afterprint', () => {
    if (!isPrinting) return;
    isPrinting = false;
    if (before === undefined) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = before;
    for (const one of opened) one.open = false;
    redraw();
  });
}
