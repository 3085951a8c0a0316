/** A store whose methods hand out what they read works inside as before. */
import { EventEmitter, once } from 'node:events';
import { withCompression } from 'atc-memory';
import { expectSame } from '../../same-value.js';
import { value } from './handing-store.js';

describe('the store works inside as before', () => {
  test('methods it calls on the way to its storage do not decode: what JSON loses is stored as entries', async () => {
    class Disk {
      readonly files = new Map<string, string>();
      wrap(value: unknown) {
        return { value, at: 1 };
      }
      stringify(item: object) {
        return JSON.stringify(item);
      }
      async write(key: string, file: string) {
        this.files.set(key, file);
      }
      async set(key: string, value: unknown) {
        await Promise.resolve();
        await this.write(key, this.stringify(this.wrap(value)));
      }
      unwrap(item: { value: unknown }) {
        return item.value;
      }
      load(key: string) {
        return JSON.parse(this.files.get(key) ?? 'null');
      }
      async get(key: string) {
        const item = this.load(key);
        return item === null ? undefined : this.unwrap(item);
      }
    }
    const disk = withCompression(new Disk());
    const exact = { nan: Number.NaN, at: new Date(5), close: Float64Array.of(1, -0) };
    await disk.set('a', exact);
    expect(disk.files.get('a')).toContain('atc-memory:1:');
    expectSame(await disk.get('a'), exact);
    expectSame(disk.load('a'), { value: exact, at: 1 });
  });

  test('containers of its own that it calls for are its own', () => {
    class Lazy {
      private held: Record<string, unknown> | undefined;
      table(): Record<string, unknown> {
        if (this.held === undefined) this.held = {};
        const { held } = this;
        return held;
      }
      get(key: string) {
        return this.table()[key];
      }
      set(key: string, item: unknown) {
        this.table()[key] = item;
      }
      remove(key: string) {
        delete this.table()[key];
      }
    }
    const lazy = withCompression(new Lazy());
    for (const key of ['a', 'b']) lazy.set(key, value());
    lazy.remove('a');
    expect(lazy.get('a')).toBeUndefined();
    expectSame(lazy.get('b'), value());
  });

  test('events carry values, to listeners from before wrapping and after it; they can be removed', async () => {
    class Emitting extends EventEmitter {
      #entries = new Map<string, unknown>();
      get(key: string) {
        return this.#entries.get(key);
      }
      set(key: string, item: unknown) {
        this.#entries.set(key, item);
        this.emit('set', key, item);
      }
    }
    const store = new Emitting();
    const told: unknown[] = [];
    const listener = (_: string, item: unknown) => told.push(item);
    store.on('set', listener);
    withCompression(store);
    const next = once(store, 'set');
    store.set('a', value());
    expectSame(told, [value()]);
    expectSame(await next, ['a', value()]);
    store.off('set', listener);
    store.set('a', value());
    expect(told).toHaveLength(1);
  });

  test('listeners of an emitter of its own can be removed', () => {
    class Own {
      #entries = new Map<string, unknown>();
      readonly listeners = new Set<(item: unknown) => void>();
      get(key: string) {
        return this.#entries.get(key);
      }
      set(key: string, item: unknown) {
        this.#entries.set(key, item);
        for (const listener of this.listeners) listener(item);
      }
      watch(listener: (item: unknown) => void) {
        this.listeners.add(listener);
      }
      unwatch(listener: (item: unknown) => void) {
        return this.listeners.delete(listener);
      }
    }
    const own = withCompression(new Own());
    const told: unknown[] = [];
    const listener = (item: unknown) => told.push(item);
    own.watch(listener);
    own.set('a', value());
    expectSame(told, [value()]);
    expect(own.unwatch(listener)).toBe(true);
  });
});
