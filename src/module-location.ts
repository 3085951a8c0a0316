/** Where this module lies, for createRequire; undefined in a bundle whose format has no import.meta. */
export const moduleLocation: string | undefined = import.meta.url;
