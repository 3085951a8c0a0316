import path from 'node:path';
import base from '../../jest.config.js';
import { chosenGroup } from './groups.js';

/** The project over the sources, with the tests of one group. */
export default {
  ...base.projects[0],
  rootDir: path.resolve(import.meta.dirname, '../..'),
  testMatch: chosenGroup().tests.map((glob) => `<rootDir>/${glob}`),
  testTimeout: 30_000,
};
