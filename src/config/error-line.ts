/** The line of a configuration file that a parser or script stumbled over, from whatever the error says of it. */

/** 1-based; undefined where the error does not give it. `content` is the text of a document, undefined for scripts. */
export function errorLine(file: string, cause: unknown, content?: string): number | undefined {
  if (content !== undefined && file.endsWith('.json')) return jsonLine(content);
  const { message, stack } = (typeof cause === 'object' && cause !== null ? cause : {}) as Partial<Error>;
  const text = `${message}\n${stack}`;
  const at = text.indexOf(`${file}:`);
  const found =
    content === undefined ? /^\d+/.exec(at < 0 ? '' : text.slice(at + file.length + 1)) : /\((\d+):\d+\)/.exec(text);
  return found === null ? undefined : Number(found[1] ?? found[0]);
}

/**
 * Not every version of Node says where: the shortest beginning of the text that could not go on to be right ends there.
 */
function jsonLine(content: string): number {
  let [good, bad] = [0, content.length + 1];
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isBeginning(content.slice(0, middle))) good = middle;
    else bad = middle;
  }
  return content.slice(0, Math.min(good, content.trimEnd().length)).split('\n').length;
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
