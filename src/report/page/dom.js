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

/** A heading and what is below it; `note` is text, or a list of texts and elements. */
export function section(id, title, note, ...children) {
  const heading = element('h2', { id: `${id}-title` }, title);
  const notes = note === '' ? [] : [element('p', { class: 'note' }, ...[note].flat())];
  return element('section', { id, 'aria-labelledby': `${id}-title` }, heading, ...notes, ...children);
}

/** A line through values from their lowest to their highest, as an SVG; a `fall` hangs from the top. */
export function sparkline(values, label, tone = '') {
  const points = values.filter((value) => value !== null);
  const [low, high] = [Math.min(...points), Math.max(...points)];
  const x = (k) => (k / Math.max(points.length - 1, 1)) * 100;
  const y = (value) => 23 - ((value - low) / (high - low || 1)) * 22;
  const at = (value, k) => `${x(k).toFixed(1)},${y(value).toFixed(1)}`;
  const drawn = points.map(at);
  if (tone === 'fall' && drawn.length > 0) drawn.push('100,1', '0,1');
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline');
  line.setAttribute('points', drawn.join(' '));
  svg.setAttribute('viewBox', '0 0 100 24');
  svg.setAttribute('class', `spark ${tone}`.trim());
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', label);
  svg.append(line);
  return svg;
}
