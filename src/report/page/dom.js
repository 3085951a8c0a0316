/** Elements made of text: nothing here reads markup, so no symbol can bring any. */

/** `attributes`: `class`, `title`, and so on; `on…` functions are listeners. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else made.setAttribute(key, value);
  }
  made.append(...children.map(String_));
  return made;
}

function String_(child) {
  return child instanceof Node ? child : document.createTextNode(String(child));
}

/** A heading and what is below it. */
export function section(id, title, note, ...children) {
  const heading = element('h2', { id: `${id}-title` }, title);
  const notes = note === '' ? [] : [element('p', { class: 'note' }, note)];
  return element('section', { id, 'aria-labelledby': `${id}-title` }, heading, ...notes, ...children);
}

/** A line through values, 0 to 1 of its box, as an SVG. */
export function sparkline(values, label) {
  const known = values.filter((value) => value !== null);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const step = Math.max(1, Math.floor(known.length / 60));
  const points = known.filter((_, k) => k % step === 0 || k === known.length - 1);
  const at = (value, k) =>
    `${((k / Math.max(points.length - 1, 1)) * 100).toFixed(1)},${(23 - ((value - low) / (high - low || 1)) * 22).toFixed(1)}`;
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline');
  line.setAttribute('points', points.map(at).join(' '));
  svg.setAttribute('viewBox', '0 0 100 24');
  svg.setAttribute('class', 'spark');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  svg.append(line);
  return svg;
}
