/** The file that threads of a worker run, beside the plugin; undefined in a bundle without import.meta. */
export function processorLocation(): string | undefined {
  // A variable: bundlers take `new URL(…, import.meta.url)` for a file to copy, without what that imports.
  const here: string | undefined = import.meta.url;
  return here === undefined ? undefined : new URL('bullmq-processor.js', here).href;
}
