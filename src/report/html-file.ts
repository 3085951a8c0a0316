/** One HTML file that needs no network: its data, and the script that draws them. */
import { AtcError, shown } from '../errors.js';
import { PAGE_LICENCE, PAGE_SCRIPT, PAGE_STYLE } from './page.generated.js';
import { scriptJson } from './script-json.js';

/** How a page of results is named. */
export interface PageOptions {
  /** Heading and title of the page. Default: what it is of. */
  readonly title?: string;
}

/** Nothing but what the file holds may be loaded or run. */
const POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:";

/** `data.kind` says which page it is (`page/main.js`). Throws ARGUMENT for a title that is no string. */
export function htmlFile(title: unknown, data: { readonly kind: string }): string {
  if (typeof title !== 'string') {
    throw new AtcError('ARGUMENT', `title must be a string, got ${shown(title)}`, { key: 'title' });
  }
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<link rel="icon" href="data:,">',
    `<title>${escapeMarkup(title)}</title>`,
    `<style>${PAGE_STYLE}</style>`,
    '</head>',
    '<body>',
    '<main id="report"><noscript>This report needs scripts; they are in this file.</noscript></main>',
    `<script type="application/json" id="data">${scriptJson(data)}</script>`,
    `<!--\n${PAGE_LICENCE}\n-->`,
    `<script>${PAGE_SCRIPT}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function escapeMarkup(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
