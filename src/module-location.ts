/** Where this module lies, for createRequire. */
export const moduleLocation = import.meta.url;
