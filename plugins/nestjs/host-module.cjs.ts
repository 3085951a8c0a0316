/** Takes the place of host-module.ts in the CommonJS build. */
export const hostRequire: (id: string) => unknown = (id) => require(id);
