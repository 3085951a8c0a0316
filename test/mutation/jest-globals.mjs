/** What tests import from `@jest/globals`, where `runner.mjs` runs them. */
export const { jest, expect, test, it, describe, beforeAll, beforeEach, afterAll, afterEach } = globalThis;
