/**
 * Which part of a dataset a query can need at most, read off DuckDB's plan of it: the comparisons of `symbol` and
 * `timestamp` with constants in the filters that stand directly above each scan. Whatever else a filter says only makes
 * the result smaller, so what is not understood restricts nothing.
 */

/** What a scan has to give at least. Left out: all. */
export interface ScanRange {
  readonly symbols?: ReadonlySet<string>;
  /** UTC ms, both included. */
  readonly fromMs?: number;
  readonly toMs?: number;
}

/** A node of `EXPLAIN (FORMAT JSON)`. */
export interface PlanNode {
  readonly name?: string;
  readonly extra_info?: Readonly<Record<string, unknown>>;
  readonly children?: readonly PlanNode[];
}

const ALL: ScanRange = {};

/**
 * The range that covers all scans of a table function in a plan. `scans` is how often the query was bound to it: with
 * fewer in the plan something is not shown, and nothing is left out.
 */
export function rangeOfPlan(plan: readonly PlanNode[], functionName: string, scans: number): ScanRange {
  const found: ScanRange[] = [];
  const visit = (node: PlanNode, above: ScanRange): void => {
    if (String(node.extra_info?.Function ?? '').toLowerCase() === functionName.toLowerCase()) found.push(above);
    const filter = node.name === 'FILTER' ? rangeOfFilter(node.extra_info?.Expression) : undefined;
    // Only a filter on a filter keeps the names of the columns.
    for (const child of node.children ?? []) visit(child, filter === undefined ? ALL : both(above, filter));
  };
  for (const node of plan) visit(node, ALL);
  return found.length === 0 || found.length < scans ? ALL : found.reduce(either);
}

/** As DuckDB prints it: `((timestamp >= '2024-01-01 00:00:00'::TIMESTAMP) AND (CAST(symbol AS VARCHAR) = 'BTC'))`. */
export function rangeOfFilter(expression: unknown): ScanRange {
  const tokens = typeof expression === 'string' ? tokensOf(expression) : undefined;
  return tokens === undefined ? ALL : rangeOfTokens(tokens);
}

/** Texts in quotes stay whole; undefined where something is not closed. */
function tokensOf(text: string): string[] | undefined {
  const tokens = text.match(/'(?:[^']|'')*'|"(?:[^"]|"")*"|[()]|[^\s()'",]+|,/g) ?? [];
  let depth = 0;
  for (const token of tokens) {
    depth += token === '(' ? 1 : token === ')' ? -1 : 0;
    if (depth < 0) return undefined;
  }
  return depth === 0 ? tokens : undefined;
}

function rangeOfTokens(tokens: readonly string[]): ScanRange {
  const alternatives = splitAt(tokens, 'OR');
  if (alternatives.length > 1) return alternatives.map(rangeOfTokens).reduce(either);
  const conditions = joinBetween(splitAt(tokens, 'AND'));
  if (conditions.length > 1) return conditions.map(rangeOfTokens).reduce(both);
  if (tokens[0] === '(' && closing(tokens) === tokens.length - 1) return rangeOfTokens(tokens.slice(1, -1));
  return rangeOfComparison(tokens);
}

/** Outside of parentheses. */
function splitAt(tokens: readonly string[], word: string): string[][] {
  const parts: string[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    depth += token === '(' ? 1 : token === ')' ? -1 : 0;
    if (depth === 0 && token === word) parts.push([]);
    else parts[parts.length - 1].push(token);
  }
  return parts;
}

/** The AND of `x BETWEEN a AND b` joins no conditions. */
function joinBetween(parts: readonly string[][]): string[][] {
  const joined: string[][] = [];
  for (const part of parts) {
    const last = joined[joined.length - 1];
    const isOpen = last?.includes('BETWEEN') === true && !last.includes('AND');
    if (isOpen) last.push('AND', ...part);
    else joined.push([...part]);
  }
  return joined;
}

/** Where the parenthesis that opens first is closed. */
function closing(tokens: readonly string[]): number {
  let depth = 0;
  return tokens.findIndex((token) => {
    depth += token === '(' ? 1 : token === ')' ? -1 : 0;
    return depth === 0;
  });
}

const SYMBOL = /^CAST \( symbol AS VARCHAR \) /;

function rangeOfComparison(tokens: readonly string[]): ScanRange {
  const text = tokens.join(' ');
  if (SYMBOL.test(text)) return rangeOfSymbols(tokens.slice(6));
  if (tokens[0] !== 'timestamp') return ALL;
  const [, operator, value, type, ...rest] = tokens;
  const ms = type === '::TIMESTAMP' ? timeOf(value) : undefined;
  if (ms === undefined) return ALL;
  if (operator === 'BETWEEN' && rest.length === 3 && rest[0] === 'AND' && rest[2] === '::TIMESTAMP') {
    const to = timeOf(rest[1]);
    return to === undefined ? { fromMs: ms } : { fromMs: ms, toMs: to };
  }
  if (rest.length > 0) return ALL;
  if (operator === '=') return { fromMs: ms, toMs: ms };
  if (operator === '>' || operator === '>=') return { fromMs: ms };
  return operator === '<' || operator === '<=' ? { toMs: ms } : ALL;
}

/** `= 'BTC'`, or `IN ('BTC', 'ETH')`. */
function rangeOfSymbols([operator, ...rest]: readonly string[]): ScanRange {
  const isList = operator === 'IN' && rest[0] === '(' && rest[rest.length - 1] === ')';
  const values = isList ? rest.slice(1, -1).filter((_, k) => k % 2 === 0) : operator === '=' ? rest : [];
  const isPlain = isList ? rest.slice(1, -1).every((token, k) => (k % 2 === 0) === (token !== ',')) : rest.length === 1;
  if (!isPlain || values.length === 0 || !values.every((value) => value.startsWith("'"))) return ALL;
  return { symbols: new Set(values.map((value) => value.slice(1, -1).replaceAll("''", "'"))) };
}

/** UTC ms with its fraction; undefined for years that are written otherwise. */
function timeOf(text: string): number | undefined {
  const match = /^'(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(\.\d{1,6})?'$/.exec(text);
  if (match === null) return undefined;
  return Date.parse(`${match[1]}T${match[2]}Z`) + Number(`0${match[3] ?? ''}`) * 1000;
}

/** What satisfies both conditions lies in both ranges. */
function both(a: ScanRange, b: ScanRange): ScanRange {
  const { symbols = b.symbols } = a;
  return {
    ...(symbols !== undefined && { symbols: new Set([...symbols].filter((one) => b.symbols?.has(one) ?? true)) }),
    ...bound('fromMs', Math.max(a.fromMs ?? -Infinity, b.fromMs ?? -Infinity)),
    ...bound('toMs', Math.min(a.toMs ?? Infinity, b.toMs ?? Infinity)),
  };
}

/** What satisfies one of the conditions lies in one of the ranges. */
function either(a: ScanRange, b: ScanRange): ScanRange {
  return {
    ...(a.symbols !== undefined && b.symbols !== undefined && { symbols: new Set([...a.symbols, ...b.symbols]) }),
    ...bound('fromMs', Math.min(a.fromMs ?? -Infinity, b.fromMs ?? -Infinity)),
    ...bound('toMs', Math.max(a.toMs ?? Infinity, b.toMs ?? Infinity)),
  };
}

function bound(name: 'fromMs' | 'toMs', value: number): ScanRange {
  return Number.isFinite(value) ? { [name]: value } : {};
}
