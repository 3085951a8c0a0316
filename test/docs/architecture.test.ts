/** docs/architecture.md names files and rooms: each is there, and no room is left out. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const page = readFileSync('docs/architecture.md', 'utf8');

test('every file and room that the page names exists', () => {
  const named = [...page.matchAll(/`((?:src|plugins|test)(?:\/[\w.-]+)*)`/g)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(40);
  expect(named.filter((name) => !existsSync(name))).toEqual([]);
});

test('every room of src stands in the table', () => {
  const rooms = readdirSync('src', { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? [one.name] : []));
  expect(rooms.filter((room) => !page.includes(`| \`src/${room}\` |`))).toEqual([]);
});

test('the page fits a screen or two', () => {
  expect(page.split('\n').length).toBeLessThan(80);
});
