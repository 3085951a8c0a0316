/** Where this module lies, for createRequire: the CommonJS build has no import.meta. */
export const moduleLocation: string | undefined = __filename;
