/** Pages of a catalogue: each is the file that the catalogue names, or it is refused; changes count what they name. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type CatalogueFacts, PagedCatalogue, type SymbolEntry } from '../../src/dataset/catalogue.js';
import {
  CataloguePages,
  decodePage,
  NAMES_FORMAT,
  PAGE_FORMAT,
  type PagedContent,
  pagedContentOf,
} from '../../src/dataset/catalogue-pages.js';
import { amendedCatalogue, catalogueOfEntries } from '../../src/dataset/catalogue-writer.js';
import { encodeChecked } from '../../src/io/encode-checked-json.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'atc-pages-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const facts: CatalogueFacts = {
  layout: 'packed',
  generation: 1,
  durability: 'process',
  compression: { level: 5, algorithm: 'auto' },
};
const columns = [{ name: 'timestamp', dtype: 'float64' }] as const;

function entryOf(symbol: string, rows = 2, container = 'added-1', segments = 1): SymbolEntry {
  return {
    symbol,
    rows: rows * segments,
    firstMs: 0,
    lastMs: segments * 120_000 - 60_000,
    columns,
    segments: Array.from({ length: segments }, (_, k) => ({
      path: `${container}/${symbol}-${k}.atc`,
      rows,
      firstMs: k * 120_000,
      lastMs: k * 120_000 + 60_000,
      crc32c: [1],
    })),
  };
}

const namesOf = (count: number, first = 0) => Array.from({ length: count }, (_, k) => `S${first + k}`);
const placeOf = (generation: number) => ({
  directory,
  prefix: `added-${generation}/`,
  root: () => {
    const root = path.join(directory, `added-${generation}`);
    mkdirSync(root, { recursive: true });
    return root;
  },
});
/** A paged catalogue of so many symbols, read anew. */
function pagesOf(count: number): CataloguePages {
  rmSync(path.join(directory, 'added-1'), { recursive: true, force: true });
  const catalogue = catalogueOfEntries(
    facts,
    namesOf(count).map((symbol) => entryOf(symbol)),
    placeOf(1),
  );
  return readAnew((catalogue as PagedCatalogue).pages);
}
const readAnew = ({ content }: CataloguePages) =>
  new CataloguePages(directory, JSON.parse(JSON.stringify(content)) as PagedContent);
const corrupt = (text: string) => expect.objectContaining({ code: 'CORRUPT', message: expect.stringContaining(text) });

test('up to 64 symbols stand in the catalogue itself, more in pages of 64', () => {
  const place = { ...placeOf(1), root: () => expect('a file').toBe('needed') as never };
  const inline = catalogueOfEntries(
    facts,
    namesOf(64).map((symbol) => entryOf(symbol)),
    place,
  );
  expect(inline).toEqual({ ...facts, symbols: namesOf(64).map((symbol) => entryOf(symbol)) });
  for (const [count, lengths] of [
    [65, [64, 1]],
    [128, [64, 64]],
    [129, [64, 64, 1]],
  ] as const) {
    const pages = pagesOf(count);
    expect(pages.content.pages.map(({ symbols }) => symbols)).toEqual(lengths);
    expect(pages.content.pages.map(({ rows }) => rows)).toEqual(lengths.map((length) => 2 * length));
    expect(pages.content.pages.map(({ segments }) => segments)).toEqual(lengths.map(() => 1));
    expect(pages.count).toBe(count);
    expect(pages.names()).toEqual(namesOf(count));
    expect(pages.all()).toEqual(namesOf(count).map((symbol) => entryOf(symbol)));
    expect(pages.files).toEqual(['added-1/names.json', ...lengths.map((_, k) => `added-1/page-0000${k}.json`)]);
  }
});

test('any number of look-ups finds the page of a symbol, and none for a name that is not there', () => {
  const pages = pagesOf(130);
  for (let round = 0; round < 40; round += 1) {
    expect(pages.pageOf(`S${round * 3}`)).toBe(Math.floor((round * 3) / 64));
    expect(pages.entry(`S${round * 3}`)).toEqual(entryOf(`S${round * 3}`));
    expect([pages.pageOf(`T${round}`), pages.entry(`T${round}`)]).toEqual([undefined, undefined]);
  }
});

test.each([0, 1, 2, 3, 4])('%i names that look like the border of two pages lead to no other page', (count) => {
  const names = [...Array.from({ length: count }, (_, k) => `${k}"],[`), ...namesOf(130 - count)];
  const catalogue = catalogueOfEntries(
    facts,
    names.map((symbol) => entryOf(symbol.replaceAll(/\W/g, '_'))).map((entry, k) => ({ ...entry, symbol: names[k] })),
    placeOf(1),
  );
  // Each with a first look of its own: later ones know the pages.
  for (const k of [0, 1, 5, 63, 64, 70, 127, 128, 129]) {
    const pages = readAnew((catalogue as PagedCatalogue).pages);
    expect([names[k], pages.pageOf(names[k])]).toEqual([names[k], Math.floor(k / 64)]);
    expect(pages.entry(names[k])?.symbol).toBe(names[k]);
  }
  expect(readAnew((catalogue as PagedCatalogue).pages).pageOf('9"],[')).toBeUndefined();
});

test('a damaged list of names has neither the names that are in it nor those that are not', () => {
  const file = path.join(directory, 'added-1/names.json');
  for (const symbol of ['S3', 'X3', 'T']) {
    const pages = pagesOf(130);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"S3"', '"X3"'));
    expect(() => pages.pageOf(symbol)).toThrow(corrupt('names.json'));
    expect(() => pages.entry(symbol)).toThrow(corrupt('names.json'));
  }
});

test('a change writes the pages of its symbols, and counts what each generation is still needed for', () => {
  let catalogue = new PagedCatalogue(facts, pagesOf(129));
  const change = (generation: number, entries: readonly SymbolEntry[]) => {
    const changed = new Map(entries.map((entry) => [entry.symbol, entry]));
    const next = amendedCatalogue(catalogue, { ...facts, generation }, changed, placeOf(generation));
    catalogue = new PagedCatalogue(facts, readAnew((next as PagedCatalogue).pages));
    return catalogue.pages;
  };
  // 129 segments, 3 pages, the names.
  expect(catalogue.pages.content.containers).toEqual({ 'added-1': 133 });
  let pages = change(2, [entryOf('S70', 5, 'added-2', 3)]);
  expect(pages.content.containers).toEqual({ 'added-1': 131, 'added-2': 4 });
  expect(pages.content.pages[1]).toMatchObject({ path: 'added-2/page-00001.json', symbols: 64, segments: 3 });
  expect(pages.content.pages[1].rows).toBe(63 * 2 + 15);
  expect(pages.content.names.path).toBe('added-1/names.json');
  expect(pages.entry('S70')).toEqual(entryOf('S70', 5, 'added-2', 3));
  expect(pages.all()).toEqual(
    namesOf(129).map((symbol) => (symbol === 'S70' ? entryOf('S70', 5, 'added-2', 3) : entryOf(symbol))),
  );
  // A generation that nothing is needed of any more is not named.
  pages = change(3, [entryOf('S70', 5, 'added-3')]);
  expect(pages.content.containers).toEqual({ 'added-1': 131, 'added-3': 2 });
  // New symbols fill the last page, then the next one; the names are written anew.
  pages = change(
    10,
    namesOf(64, 129).map((symbol) => entryOf(symbol, 1, 'added-10')),
  );
  expect(pages.content.pages.map(({ symbols }) => symbols)).toEqual([64, 64, 64, 1]);
  expect(pages.content.names.path).toBe('added-10/names.json');
  expect(pages.names()).toEqual(namesOf(193));
  // 64 segments, 2 pages, the names; the last of them replaced a page and the names of the first generation.
  expect(pages.content.containers).toEqual({ 'added-1': 129, 'added-3': 2, 'added-10': 67 });
  // In one order, whatever came first: the same content is the same bytes.
  expect(Object.keys(pages.content.containers)).toEqual(['added-1', 'added-10', 'added-3']);
  expect(pages.all().map(({ symbol }) => symbol)).toEqual(namesOf(193));
});

test('a catalogue without pages stays so until it has more than 64 symbols', () => {
  const present = { ...facts, symbols: namesOf(63).map((symbol) => entryOf(symbol)) };
  const changed = [entryOf('S5', 9, 'added-2'), entryOf('S63')];
  const amended = (entries: readonly SymbolEntry[]) =>
    amendedCatalogue(present, facts, new Map(entries.map((entry) => [entry.symbol, entry])), placeOf(2));
  const wanted = namesOf(64).map((symbol) => (symbol === 'S5' ? changed[0] : entryOf(symbol)));
  expect(amended(changed)).toEqual({ ...facts, symbols: wanted });
  const paged = amended([...changed, entryOf('S64')]);
  expect(paged).toBeInstanceOf(PagedCatalogue);
  expect(readAnew((paged as PagedCatalogue).pages).all()).toEqual([...wanted, entryOf('S64')]);
});

test('segments of the first import are not counted: their directories are those of symbols', () => {
  const catalogue = catalogueOfEntries(
    facts,
    namesOf(65).map((symbol, k) => entryOf(symbol, 1, `${String(k).padStart(5, '0')}-${symbol}`)),
    placeOf(1),
  );
  expect((catalogue as PagedCatalogue).pages.content.containers).toEqual({ 'added-1': 3 });
});

const pageFile = () => path.join(directory, 'added-1/page-00000.json');
const rewritten = (content: object) => writeFileSync(pageFile(), encodeChecked(PAGE_FORMAT, content).text);

test.each<[string, () => void, string]>([
  ['cut', () => writeFileSync(pageFile(), readFileSync(pageFile()).subarray(0, 99)), 'it is not JSON'],
  ['of another format', () => writeFileSync(pageFile(), '{"format":"other"}'), 'it is another format'],
  [
    'changed',
    () => writeFileSync(pageFile(), readFileSync(pageFile(), 'utf8').replace('"rows":2', '"rows":3')),
    'does not match its checksum',
  ],
  ['whole, and another one', () => rewritten({ symbols: [] }), 'it is not the file that the catalogue names'],
])('a page that is %s is refused', (_, damage, text) => {
  const pages = pagesOf(70);
  damage();
  expect(() => pages.page(0)).toThrow(corrupt(text));
  expect(() => pages.page(0)).toThrow(expect.objectContaining({ path: pageFile() }));
  expect(pages.entry('S69')).toEqual(entryOf('S69'));
});

test.each<[string, object, string]>([
  ['no list', { symbols: {} }, '"symbols" is not a list'],
  ['an entry that is none', { symbols: [entryOf('a'), { symbol: 'b' }] }, 'symbol 1: '],
  ['a path that leads out', { symbols: [entryOf('a', 2, '..'), entryOf('b')] }, 'symbol 0: '],
  ['too few symbols', { symbols: [entryOf('a', 4)] }, 'it holds 1 symbols of 4 rows'],
  ['other rows', { symbols: [entryOf('a'), entryOf('b', 3)] }, 'it holds 2 symbols of 5 rows'],
])('a page with a right checksum and %s is refused', (_, content, message) => {
  const { text, check } = encodeChecked(PAGE_FORMAT, content);
  const record = { path: 'p', check, symbols: 2, rows: 4, segments: 1 };
  expect(() => decodePage(record, text, 'file')).toThrow(corrupt(message));
});

test.each<[string, object, string]>([
  ['no list', { pages: 1 }, 'not a list of names'],
  ['a page that is no list', { pages: [['a'], 'b'] }, 'not a list of names'],
  ['a name that is none', { pages: [['a'], [1]] }, 'not a list of names'],
  ['a name among others that is none', { pages: [['a'], ['b', 1]] }, 'not a list of names'],
  ['a page too few', { pages: [['a']] }, 'other pages than the catalogue'],
  ['a page of another length', { pages: [['a'], ['b', 'c']] }, 'other pages than the catalogue'],
  ['a symbol twice', { pages: [['a'], ['a']] }, 'a symbol is there twice'],
])('names with a right checksum and %s are refused', (_, content, message) => {
  const { text, check } = encodeChecked(NAMES_FORMAT, content);
  writeFileSync(path.join(directory, 'names.json'), text);
  const page = { path: 'p', check: 0, symbols: 1, rows: 1, segments: 1 };
  const names = { path: 'names.json', check };
  const pages = new CataloguePages(directory, { names, pages: [page, page], containers: {} });
  expect(() => pages.names()).toThrow(corrupt(message));
});

test('a page without the symbol that the names say it has is refused', () => {
  const page = encodeChecked(PAGE_FORMAT, { symbols: [entryOf('a')] });
  const names = encodeChecked(NAMES_FORMAT, { pages: [['b']] });
  writeFileSync(path.join(directory, 'page'), page.text);
  writeFileSync(path.join(directory, 'names'), names.text);
  const pages = new CataloguePages(directory, {
    names: { path: 'names', check: names.check },
    pages: [{ path: 'page', check: page.check, symbols: 1, rows: 2, segments: 1 }],
    containers: {},
  });
  expect(() => pages.entry('b')).toThrow(corrupt('it does not hold the symbol "b"'));
});

test('a page that is missing is IO, a link in its place CORRUPT', () => {
  const pages = pagesOf(65);
  const elsewhere = path.join(directory, 'elsewhere.json');
  writeFileSync(elsewhere, readFileSync(pageFile()));
  rmSync(pageFile());
  expect(() => pages.page(0)).toThrow(expect.objectContaining({ code: 'IO', path: pageFile() }));
  symlinkSync(elsewhere, pageFile());
  expect(() => pages.page(0)).toThrow(corrupt('symbolic link'));
});

describe('what a catalogue says about its pages', () => {
  const names = { path: 'added-1/names.json', check: 1 };
  const page = { path: 'added-1/page-00000.json', check: 2, symbols: 3, rows: 4, segments: 5 };
  const containers = { 'added-1': 6 };

  it('is taken as it is', () => {
    const content = { names, pages: [page], containers };
    expect(pagedContentOf({ ...content, other: 1 })).toEqual(content);
  });

  it.each<[string, object]>([
    ['names', { names: undefined }],
    ['the path of names', { names: { check: 1 } }],
    ['a path inside', { names: { ...names, path: '../names.json' } }],
    ['a checksum of names', { names: { ...names, check: -1 } }],
    ['a list of pages', { pages: {} }],
    ['a page', { pages: [page, null] }],
    ['a page inside', { pages: [{ ...page, path: '/page' }] }],
    ['a checksum', { pages: [{ ...page, check: '1' }] }],
    ['a number of symbols', { pages: [{ ...page, symbols: 0 }] }],
    ['a whole number of symbols', { pages: [{ ...page, symbols: 1.5 }] }],
    ['a number of rows', { pages: [{ ...page, rows: -1 }] }],
    ['a number of segments', { pages: [{ ...page, segments: undefined }] }],
    ['containers', { containers: [] }],
    ['numbers of containers', { containers: { 'added-1': 6, 'added-2': '6' } }],
  ])('is nothing without %s', (_, change) => {
    expect(pagedContentOf({ names, pages: [page], containers, ...change })).toBeUndefined();
  });
});
