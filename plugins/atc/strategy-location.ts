/**
 * The file that rebuilds a strategy of this plugin in a worker thread. In a bundle without import.meta a name: the
 * runner looks for it in the installed package.
 */
export function strategyLocation(name: string): string {
  // A variable: bundlers take `new URL(…, import.meta.url)` for a file to copy, without what that imports.
  const here: string | undefined = import.meta.url;
  return here === undefined ? `atc-memory:${name}` : new URL(name, here).href;
}
