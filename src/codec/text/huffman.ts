/** Huffman codes as deflate (RFC 1951) wants them: lengths up to a limit, canonical, bits of a code in reverse. */

/** A code of `lengths.length` symbols; `codes` hold the bits in the order in which they are written. */
export interface HuffmanCode {
  readonly lengths: Uint8Array;
  readonly codes: Uint16Array;
}

export function huffmanCodeOf(symbols: number): HuffmanCode {
  return { lengths: new Uint8Array(symbols), codes: new Uint16Array(symbols) };
}

const MAX_SYMBOLS = 288;
const SYMBOL_BITS = 9;
const SYMBOL_MASK = (1 << SYMBOL_BITS) - 1;
const MAX_LENGTH = 15;

const keys = new Int32Array(MAX_SYMBOLS);
const weights = new Int32Array(MAX_SYMBOLS);
const perLength = new Int32Array(MAX_SYMBOLS);

/**
 * The best lengths of at most `limit` bits for symbols that occur `counts[symbol]` times, below 2^22 each. At least two
 * symbols get a code, because decoders need not take a code of one.
 */
export function huffmanCode(counts: Uint32Array, limit: number, code: HuffmanCode): void {
  const { lengths } = code;
  const symbols = counts.length;
  lengths.fill(0);
  let used = 0;
  for (let symbol = 0; symbol < symbols; symbol++) {
    if (counts[symbol] > 0) keys[used++] = (counts[symbol] << SYMBOL_BITS) | symbol;
  }
  for (let symbol = 0; used < 2; symbol++) if (counts[symbol] === 0) keys[used++] = (1 << SYMBOL_BITS) | symbol;
  keys.subarray(0, used).sort();
  depthsOf(used);
  limitDepths(used, limit);
  // The rarest symbols, which come first, get the longest codes.
  for (let length = limit, at = 0; length > 0; length--) {
    for (let left = perLength[length]; left > 0; left--) lengths[keys[at++] & SYMBOL_MASK] = length;
  }
  assignCodes(code);
}

/** Number of leaves by depth in `perLength`, by the two queues of Huffman's tree, in the memory of its weights. */
function depthsOf(used: number): void {
  for (let i = 0; i < used; i++) weights[i] = keys[i] >>> SYMBOL_BITS;
  perLength.fill(0);
  // A node replaces the weights of those it joins by its own index: parents stand behind their children.
  let leaf = 0;
  let root = 0;
  for (let node = 0; node < used - 1; node++) {
    let sum = 0;
    for (let child = 0; child < 2; child++) {
      if (leaf >= used || (root < node && weights[root] < weights[leaf])) {
        sum += weights[root];
        weights[root++] = node;
      } else sum += weights[leaf++];
    }
    weights[node] = sum;
  }
  // From the root down: depth of every inner node, and of each depth what is left of its 2^depth are leaves.
  weights[used - 2] = 0;
  for (let node = used - 3; node >= 0; node--) weights[node] = weights[weights[node]] + 1;
  let node = used - 2;
  for (let depth = 0, open = 1; open > 0; depth++) {
    let inner = 0;
    while (node >= 0 && weights[node] === depth) {
      inner++;
      node--;
    }
    perLength[depth] = open - inner;
    open = 2 * inner;
  }
}

/** Brings leaves below `limit` up to it, and makes room for them by sinking as few others as possible. */
function limitDepths(used: number, limit: number): void {
  let tooDeep = 0;
  for (let depth = limit + 1; depth < used; depth++) {
    tooDeep += perLength[depth];
    perLength[depth] = 0;
  }
  if (tooDeep === 0) return;
  perLength[limit] += tooDeep;
  // In units of the deepest leaf: a complete code fills 2^limit of them.
  let filled = 0;
  for (let depth = 1; depth <= limit; depth++) filled += perLength[depth] << (limit - depth);
  for (; filled > 1 << limit; filled--) {
    let depth = limit - 1;
    while (perLength[depth] === 0) depth--;
    // One leaf becomes an inner node over itself and a leaf of the limit.
    perLength[depth]--;
    perLength[depth + 1] += 2;
    perLength[limit]--;
  }
}

const firstCodes = new Uint16Array(MAX_LENGTH + 2);

/** Canonical codes: by length, then by symbol. */
export function assignCodes({ lengths, codes }: HuffmanCode): void {
  firstCodes.fill(0);
  for (let symbol = 0; symbol < lengths.length; symbol++) firstCodes[lengths[symbol] + 1]++;
  firstCodes[1] = 0;
  for (let length = 1; length <= MAX_LENGTH; length++) {
    firstCodes[length + 1] = (firstCodes[length + 1] + firstCodes[length]) << 1;
  }
  for (let symbol = 0; symbol < lengths.length; symbol++) {
    const length = lengths[symbol];
    if (length > 0) codes[symbol] = reversed(firstCodes[length]++, length);
  }
}

function reversed(code: number, length: number): number {
  let bits = code;
  bits = ((bits & 0x5555) << 1) | ((bits >>> 1) & 0x5555);
  bits = ((bits & 0x3333) << 2) | ((bits >>> 2) & 0x3333);
  bits = ((bits & 0x0f0f) << 4) | ((bits >>> 4) & 0x0f0f);
  bits = ((bits & 0x00ff) << 8) | (bits >>> 8);
  return bits >>> (16 - length);
}
