/** The catalogue of a dataset as text; catalogue.ts reads it. */
import { encodeCheckedJson } from '../io/encode-checked-json.js';
import { CATALOGUE_FORMAT, type Catalogue, PagedCatalogue } from './catalogue.js';

export function encodeCatalogue(catalogue: Catalogue): string {
  return encodeCheckedJson({ ...CATALOGUE_FORMAT, version: versionOf(catalogue) }, catalogueContent(catalogue));
}

/** The members in the order in which they are written. */
export function catalogueContent(catalogue: Catalogue): object {
  const { layout, generation, publishedMs, durability, compression } = catalogue;
  const facts = {
    layout,
    generation,
    ...(publishedMs !== undefined && { publishedMs }),
    durability,
    compression,
  };
  if (!(catalogue instanceof PagedCatalogue)) return { ...facts, symbols: catalogue.symbols };
  const { names, pages, containers } = catalogue.pages.content;
  return { ...facts, names, pages, containers };
}

/** The version that a catalogue is written with: releases that know no pages refuse it, and only it. */
function versionOf(catalogue: Catalogue): number {
  return catalogue instanceof PagedCatalogue ? CATALOGUE_FORMAT.version : CATALOGUE_FORMAT.version - 1;
}
