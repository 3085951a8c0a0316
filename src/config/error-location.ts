/**
 * What a parser or script says of a configuration file that it stumbled over, in one line: where, and what is wrong.
 */
import { reasonOf } from '../errors.js';

/** Both are 1-based, and undefined where the error does not give them. */
export interface ErrorLocation {
  readonly line?: number;
  readonly column?: number;
  /** What is wrong: one line without the file's name and the location. */
  readonly reason: string;
}

/** `content` is the text of a document, undefined for scripts. */
export function locateError(file: string, cause: unknown, content?: string): ErrorLocation {
  if (content === undefined) return inScript(file, cause);
  return file.endsWith('.json') ? inJson(content, cause) : inYaml(cause);
}

/** As editors and terminals link it: `file:line:column`, as far as it is known. */
export function locationText(file: string, { line, column }: Omit<ErrorLocation, 'reason'>): string {
  return [file, line, column].filter((part) => part !== undefined).join(':');
}

function inScript(file: string, cause: unknown): ErrorLocation {
  const { message, stack } = (typeof cause === 'object' && cause !== null ? cause : {}) as Partial<Error>;
  const text = `${message}\n${stack}`;
  const at = text.indexOf(`${file}:`);
  const found = /^(\d+)(?::(\d+))?/.exec(at < 0 ? '' : text.slice(at + file.length + 1));
  // The parser of jiti counts columns from 0. A stack gives the column in what jiti has made of the file: of no use.
  const column = found?.[2] !== undefined && message?.includes(`${file}:`) ? Number(found[2]) + 1 : undefined;
  return { line: found === null ? undefined : Number(found[1]), column, reason: firstLine(reasonOf(cause)) };
}

/** js-yaml gives the reason and a mark; a message that has none is a sentence below cosmiconfig's headline. */
function inYaml(cause: unknown): ErrorLocation {
  const { reason, mark } = (typeof cause === 'object' && cause !== null ? cause : {}) as {
    reason?: unknown;
    mark?: { line: number; column: number };
  };
  const text = typeof reason === 'string' ? reason : reasonOf(cause).replace(/^YAML Error in .*\n/, '');
  return { line: mark && mark.line + 1, column: mark && mark.column + 1, reason: firstLine(text) };
}

/**
 * Not every version of Node says where: the shortest beginning of the text that could not go on to be right ends there.
 */
function inJson(content: string, cause: unknown): ErrorLocation {
  let [good, bad] = [0, content.length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isBeginning(content.slice(0, middle))) good = middle;
    else bad = middle;
  }
  const lines = content.slice(0, Math.min(good, content.trimEnd().length)).split('\n');
  let reason = reasonOf(cause);
  try {
    JSON.parse(content);
  } catch (error) {
    // V8 quotes the text and counts the characters: the location is given in front.
    reason = firstLine(reasonOf(error)).replace(/,? (in JSON at position|\.{0,3}".*is not valid JSON$).*/s, '');
  }
  return { line: lines.length, column: lines[lines.length - 1].length + 1, reason: firstLine(reason) };
}

function isBeginning(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const { message } = error as Error;
    const position = /at position (\d+)/.exec(message)?.[1];
    return /end of JSON|unterminated/i.test(message) || Number(position ?? -1) >= text.length;
  }
}

function firstLine(text: string): string {
  return text.trim().split('\n', 1)[0].trim();
}
