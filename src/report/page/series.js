/** Columns that `series.ts` packed, and the lines that follow from them. */

const LEVELS = 32_767;

/** { length, columns, bytes: base64 } to { name: Float64Array }. */
export async function unpackSeries({ length, columns, bytes }) {
  const packed = Uint8Array.from(atob(bytes), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const plain = new Uint8Array(await new Response(stream).arrayBuffer());
  const lines = {};
  let at = 0;
  for (const column of columns) {
    const size = column.planes * length;
    const planes = plain.subarray(at, at + size);
    lines[column.name] = column.kind === 'bits' ? bitsOf(planes, length) : numbersOf(planes, length, column);
    at += size;
  }
  return lines;
}

function numbersOf(planes, length, { kind, planes: count, digits, scale, order }) {
  const values = new Float64Array(length);
  const factor = 10 ** (digits ?? 0);
  let before = 0;
  let step = 0;
  for (let i = 0; i < length; i += 1) {
    let zigzag = 0;
    for (let plane = count - 1; plane >= 0; plane -= 1) zigzag = zigzag * 256 + planes[plane * length + i];
    const stored = zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    step = order === 1 ? stored : step + stored;
    before += step;
    values[i] = kind === 'decimal' ? before / factor : before < -LEVELS ? Number.NaN : (before / LEVELS) * scale;
  }
  return values;
}

function bitsOf(planes, length) {
  const bytes = new Uint8Array(8 * length);
  for (let i = 0; i < length; i += 1) {
    for (let plane = 0; plane < 8; plane += 1) {
      const at = i * 8 + plane;
      bytes[at] = planes[plane * length + i] ^ (i === 0 ? 0 : bytes[at - 8]);
    }
  }
  return new Float64Array(bytes.buffer);
}

/**
 * All lines of a chart: those that are there, and equity, buy-and-hold and drawdown of those that are not. The rule of
 * trading is that of `symbol-record.ts`, operation by operation, so that the values are its values.
 */
export function deriveLines(lines, costRate) {
  const all = { ...lines };
  if (all.equity === undefined) Object.assign(all, trade(lines, costRate));
  all.drawdown ??= drawdownOf(all.equity);
  return all;
}

function trade({ price, signal }, costRate) {
  const equity = new Float64Array(price.length);
  const held = new Float64Array(price.length);
  let [own, long, position] = [1, 1, 0];
  for (let i = 0; i < price.length; i += 1) {
    const rate = i === 0 ? 0 : barReturn(price[i - 1], price[i]);
    const wanted = signal === undefined ? 0 : Math.sign(signal[i]) || 0;
    const kept = 1 - Math.abs(wanted - position) * costRate;
    if (own !== 0) own *= Math.max((1 + position * rate) * kept, 0);
    if (long !== 0 && i > 0) long *= Math.max(1 + rate, 0);
    position = wanted;
    equity[i] = own;
    held[i] = long;
  }
  return { equity, held };
}

function barReturn(previous, close) {
  return previous > 0 ? close / previous - 1 : 1 - close / previous;
}

function drawdownOf(equity) {
  const drawdown = new Float64Array(equity.length);
  let peak = 1;
  for (let i = 0; i < equity.length; i += 1) {
    if (equity[i] >= peak) peak = equity[i];
    else drawdown[i] = 1 - equity[i] / peak;
  }
  return drawdown;
}
