/**
 * The Python literal in the header of a .npy file: a dict of strings, booleans, whole numbers, tuples and lists of
 * them, nothing else. A small recursive parser; the text comes from a file, so its depth and length are bounded and
 * nothing is ever evaluated.
 */

export type Literal = string | number | boolean | null | readonly Literal[] | ReadonlyMap<string, Literal>;

/** What is wrong and where; the caller knows the file. */
export class LiteralError extends Error {
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

interface Token {
  readonly kind: 'mark' | 'string' | 'number' | 'word' | 'end';
  readonly text: string;
  readonly at: number;
}

const MAX_DEPTH = 8;
/**
 * One token: a mark, a string in either quote (Python 2 wrote prefixes), a whole number (Python 2 wrote 3L), or a
 * constant.
 */
const TOKEN =
  /\s*(?:([{}()[\],:])|[urbURB]{0,2}'((?:[^'\\\n]|\\.)*)'|[urbURB]{0,2}"((?:[^"\\\n]|\\.)*)"|(-?\d+)L?|(True|False|None)|$)/y;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(TOKEN);
  for (let at = 0; ; at = pattern.lastIndex) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) throw new LiteralError(`unexpected ${JSON.stringify(text.slice(at).trim().slice(0, 10))}`, at);
    const [, mark, single, double, number, word] = match;
    if (mark !== undefined) tokens.push({ kind: 'mark', text: mark, at });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number, at });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word, at });
    else if (single !== undefined || double !== undefined) tokens.push({ kind: 'string', text: single ?? double, at });
    else return [...tokens, { kind: 'end', text: '', at: text.length }];
  }
}

/** Parses the whole of `text`; whatever follows the literal must be white space. LiteralError for anything else. */
export function parseLiteral(text: string): Literal {
  const tokens = tokenize(text);
  let index = 0;

  const isMark = (mark: string) => tokens[index].kind === 'mark' && tokens[index].text === mark;
  const expect = (mark: string) => {
    if (!isMark(mark)) throw new LiteralError(`'${mark}' expected`, tokens[index].at);
    index += 1;
  };

  function value(depth: number): Literal {
    const token = tokens[index];
    if (depth > MAX_DEPTH) throw new LiteralError('nested too deeply', token.at);
    if (token.kind === 'end') throw new LiteralError('it ends too early', token.at);
    index += 1;
    if (token.kind === 'string') return unescaped(token);
    if (token.kind === 'number') return wholeNumber(token);
    if (token.kind === 'word') return token.text === 'None' ? null : token.text === 'True';
    if (token.text === '{') return dict(depth);
    if (token.text === '(') return sequence(')', depth);
    if (token.text === '[') return sequence(']', depth);
    throw new LiteralError(`unexpected '${token.text}'`, token.at);
  }

  function sequence(close: string, depth: number): Literal {
    const items: Literal[] = [];
    let comma = false;
    while (!isMark(close)) {
      items.push(value(depth + 1));
      comma = isMark(',');
      if (!comma) break;
      index += 1;
    }
    expect(close);
    // (3) is the number 3, (3,) the tuple.
    return close === ')' && items.length === 1 && !comma ? items[0] : items;
  }

  function dict(depth: number): Literal {
    const entries = new Map<string, Literal>();
    while (!isMark('}')) {
      const { at } = tokens[index];
      const key = value(depth + 1);
      if (typeof key !== 'string') throw new LiteralError('a key must be a string', at);
      if (entries.has(key)) throw new LiteralError(`key '${key}' is there twice`, at);
      expect(':');
      entries.set(key, value(depth + 1));
      if (!isMark(',')) break;
      index += 1;
    }
    expect('}');
    return entries;
  }

  const result = value(0);
  const rest = tokens[index];
  if (rest.kind !== 'end') throw new LiteralError(`unexpected '${rest.text}'`, rest.at);
  return result;
}

function wholeNumber(token: Token): number {
  const number = Number(token.text);
  if (!Number.isSafeInteger(number)) throw new LiteralError(`${token.text} is too large`, token.at);
  return number;
}

/** Only what a dtype or a field name can hold; any other escape is refused. */
function unescaped(token: Token): string {
  return token.text.replace(/\\(.)/gs, (_, character: string) => {
    if (character === '\\' || character === "'" || character === '"') return character;
    throw new LiteralError(`escape \\${character} is not supported`, token.at);
  });
}
