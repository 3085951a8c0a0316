/** What the command writes: text without control characters, and streams whose reader may close them. */

/**
 * Control characters, line and paragraph separators, and formats: what changes the direction of text, or is not seen.
 */
const CONTROL = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * Control characters as `\uXXXX`: symbols and cells of files reach a terminal, where they could move the cursor, set
 * the title or turn text around. Valid in JSON as well, which escapes only some of them. Line feeds stay.
 */
export function escapeControls(text: string): string {
  return text.replace(CONTROL, (character) => (character === '\n' ? character : unitsOf(character)));
}

function unitsOf(character: string): string {
  const units = Array.from({ length: character.length }, (_, i) => character.charCodeAt(i));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

/** One line: line feeds are escaped too. */
export function escapeLine(text: string): string {
  return escapeControls(text).replaceAll('\n', '\\u000a');
}

/** Results go to stdout, ending in a line break. */
export function printOut(text: string): void {
  process.stdout.write(`${escapeControls(text)}\n`);
}

/** The same for long results: resolves when the reader has taken what was written so far. */
export async function printAll(text: string): Promise<void> {
  const { stdout } = process;
  if (stdout.write(`${escapeControls(text)}\n`) || stdout.destroyed || !stdout.writable) return;
  await new Promise<void>((resolve) => {
    const done = () => {
      for (const event of ['drain', 'close', 'error']) stdout.off(event, done);
      resolve();
    };
    for (const event of ['drain', 'close', 'error']) stdout.once(event, done);
  });
}

/** Colours and weights that `paint` writes; nothing else of a terminal's language. */
const OWN_STYLES = /(\p{Cc}\[(?:1|2|22|31|32|39)m)/u;

/** As `printOut`, of text that `paint` coloured. Names from the data are escaped before they are put into it. */
export function printPainted(text: string): void {
  const parts = text
    .split(OWN_STYLES)
    .map((part, k) => (k % 2 === 1 && part.startsWith('\u001b') ? part : escapeControls(part)));
  process.stdout.write(`${parts.join('')}\n`);
}

/** Messages go to stderr, ending in a line break. */
export function printError(text: string): void {
  process.stderr.write(`${escapeControls(text)}\n`);
}

/**
 * A reader that has closed the stream (`| head`, a pager that was quit) wants no more text; the work goes on, because
 * what it writes to disk matters more than what it prints. Any other failure of stdout, such as a full disk, is passed
 * to `onFailure`, once.
 */
export function watchOutput(onFailure: (error: NodeJS.ErrnoException) => void): void {
  let hasFailed = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || hasFailed) return;
    hasFailed = true;
    onFailure(error);
  });
  // Where stderr fails there is nobody left to report it to.
  process.stderr.on('error', () => undefined);
}
