/** Takes the place of native-require.ts in the CommonJS build, where there is no import.meta. */
export const nativeRequire: (id: string) => unknown = (id) => require(id);
