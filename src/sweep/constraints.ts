/** Rules between parameters: functions, or texts such as `longThreshold > 2 * shortThreshold`. */
import { AtcError, shown } from '../errors.js';
import { nearestHint } from '../nearest.js';
import type { SearchSpace, TrialParameters } from './space.js';

/** A rule that parameters must meet: a comparison as text, or a function that returns whether they do. */
export type ConstraintSource = string | ((parameters: TrialParameters) => boolean);

export interface Constraint {
  /** What identifies it within a study. */
  readonly text: string;
  readonly test: (parameters: TrialParameters) => boolean;
}

type Term = (parameters: TrialParameters) => number;

const TOKEN = /\s*(>=|<=|==|!=|[<>()+\-*/]|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+|[A-Za-z_$][\w$]*)/y;

/** @throws AtcError ARGUMENT for a text that is no comparison, or names a parameter that is not in the space. */
export function constraintOf(source: ConstraintSource, space: SearchSpace): Constraint {
  if (typeof source === 'function') return { text: String(source), test: source };
  if (typeof source !== 'string')
    throw new AtcError('ARGUMENT', `a constraint must be a text or a function, got ${shown(source)}`);
  return { text: source, test: new ConstraintReader(source, space).read() };
}

/**
 * comparison = sum op sum; sum = product (+|- product)*; product = unit (*|/ unit)*; unit = number | name | -unit |
 * (sum).
 */
class ConstraintReader {
  readonly #tokens: string[] = [];
  #next = 0;
  readonly #text: string;
  readonly #space: SearchSpace;

  constructor(text: string, space: SearchSpace) {
    this.#text = text;
    this.#space = space;

    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.trimEnd().length) {
      const from = TOKEN.lastIndex;
      const match = TOKEN.exec(text);
      if (match === null) this.#fail(`there is no meaning in "${text.slice(from).trim()}"`);
      this.#tokens.push(match[1]);
    }
  }

  read(): (parameters: TrialParameters) => boolean {
    const left = this.#sum();
    const operator = this.#tokens[this.#next++];
    const compare = COMPARISONS[operator];
    if (compare === undefined) this.#fail('a comparison (<, <=, >, >=, ==, !=) is missing');
    const right = this.#sum();
    if (this.#next < this.#tokens.length) this.#fail(`"${this.#tokens[this.#next]}" is too much`);
    // A parameter that does not apply is NaN: what cannot be compared is no violation.
    return (parameters) => {
      const [a, b] = [left(parameters), right(parameters)];
      return Number.isNaN(a) || Number.isNaN(b) || compare(a, b);
    };
  }

  #sum(): Term {
    let term = this.#product();
    while (this.#peek('+', '-')) {
      const [isPlus, a] = [this.#tokens[this.#next++] === '+', term];
      const b = this.#product();
      term = isPlus ? (p) => a(p) + b(p) : (p) => a(p) - b(p);
    }
    return term;
  }

  #product(): Term {
    let term = this.#unit();
    while (this.#peek('*', '/')) {
      const [isTimes, a] = [this.#tokens[this.#next++] === '*', term];
      const b = this.#unit();
      term = isTimes ? (p) => a(p) * b(p) : (p) => a(p) / b(p);
    }
    return term;
  }

  #unit(): Term {
    const token = this.#tokens[this.#next++];
    if (token === '-') {
      const inner = this.#unit();
      return (p) => -inner(p);
    }
    if (token === '(') {
      const inner = this.#sum();
      if (this.#tokens[this.#next++] !== ')') this.#fail('")" is missing');
      return inner;
    }
    if (token === undefined) this.#fail('something is missing at the end');
    if (/^[\d.]/.test(token)) return () => Number(token);
    if (!/^[A-Za-z_$]/.test(token)) this.#fail(`"${token}" is not a number or a parameter`);
    const names = Object.keys(this.#space);
    if (!names.includes(token)) this.#fail(`"${token}" is not a parameter of the space${nearestHint(token, names)}`);
    return (p) => Number(p[token]);
  }

  #peek(...operators: string[]): boolean {
    return operators.includes(this.#tokens[this.#next]);
  }

  #fail(what: string): never {
    throw new AtcError('ARGUMENT', `constraint "${this.#text}": ${what}`, { key: 'constraints' });
  }
}

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
};
