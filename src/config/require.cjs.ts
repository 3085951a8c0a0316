/** The CommonJS twin of require.ts: there is no import.meta here, and `require` is at hand. */
export function requireNow<Module>(id: string): Module {
  return require(id) as Module;
}
