/** How the structure names a column of values and what they are: `kind, length, section, names, words`. */
import type { TypedArray } from '../dtype.js';
import type { NodeText } from './node-text.js';
import type { PackedValues } from './packed-values.js';
import type { SectionGroup } from './sections.js';

type Columnar = Exclude<PackedValues, { readonly kind: 'other' }>;

/** Adds the columns of `packed` to a section of `group` and writes where they are; the list around it is the caller's. */
export function columnText(text: NodeText, group: SectionGroup, name: string, packed: Columnar, length: number): void {
  const places = packed.columns.map((column) => group.add(name, column as TypedArray));
  text.string(packed.kind);
  text.part(length);
  text.part(places[0][0]);
  text.comma();
  text.strings(places.map(([, column]) => column));
  if (packed.kind !== 'text') return;
  text.comma();
  text.strings(packed.words);
}
