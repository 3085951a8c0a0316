/**
 * Values of users that look like entries, once they are decoded. Methods of hosts call each other, and stores lie over
 * stores: what the inner one has decoded passes through the outer one as well, and must not be taken for a (damaged)
 * entry there.
 */

/** Most texts remembered; they have no identity to hold on to. */
const MAX_TEXTS = 1024;

const ESCAPED = Symbol.for('atc-memory/escaped-values');
const registry = globalThis as { [ESCAPED]?: { readonly texts: Set<string>; readonly objects: WeakSet<object> } };

function escaped() {
  return (registry[ESCAPED] ??= { texts: new Set(), objects: new WeakSet() });
}

export function rememberEscaped(value: string | object): void {
  const { texts, objects } = escaped();
  if (typeof value !== 'string') {
    objects.add(value);
    return;
  }
  const [oldest] = texts;
  if (texts.size >= MAX_TEXTS) texts.delete(oldest);
  texts.add(value);
}

export function isEscaped(value: string | object): boolean {
  const { texts, objects } = escaped();
  return typeof value === 'string' ? texts.has(value) : objects.has(value);
}
