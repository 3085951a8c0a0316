/** What callers without types hand to the marks: reported where the class is defined, with the nearest name. */
import { applyFeatures, Compressed, defineConfig, isCompressed, loadConfigSync, MemoryMapped } from 'atc-memory';

class Store extends Map {}
// biome-ignore lint/suspicious/noExplicitAny: what JavaScript may call
type Loose = (options?: any) => (target: any) => void;
const compressed = Compressed as Loose;
const memoryMapped = MemoryMapped as Loose;

test.each<[string, () => unknown, RegExp]>([
  ['a number', () => compressed(5), /^@Compressed: its options must be an object, got 5$/],
  ['text', () => memoryMapped('load'), /^@MemoryMapped: its options must be an object, got "load"$/],
  ['null', () => compressed(null), /its options must be an object, got null$/],
  ['a list', () => memoryMapped(['load']), /its options must be an object, got a list$/],
  [
    'the class itself',
    () => compressed(Store),
    /^@Compressed has to be called: write @Compressed\(\) above the class$/,
  ],
  [
    'another name',
    () => memoryMapped({ ttl: 5 }),
    /^@MemoryMapped has no option "ttl"; (did you mean "ttlMs"|there are)/,
  ],
  ['a misspelt name', () => memoryMapped({ ttlMS: 5 }), /has no option "ttlMS"; did you mean "ttlMs"\?$/],
  ['a key of the configuration', () => compressed({ level: 5 }), /^@Compressed has no option "level"/],
  ['an id that is none', () => compressed({ id: 5 }), /^@Compressed: id must be the name of the service, got 5$/],
  ['a method', () => compressed()('get'), /^a mark belongs on a class, got "get"/],
])('%s is ARGUMENT', (_, call, message) => {
  expect(call).toThrow(expect.objectContaining({ code: 'ARGUMENT', message: expect.stringMatching(message) }));
});

test('a class without the method that is to be mapped is refused when it is wrapped, with what to list', () => {
  class Quotes {
    fetch() {
      return [];
    }
  }
  memoryMapped({ ttlMs: 5 })(Quotes);
  const wrap = () => applyFeatures(new Quotes(), { useMemoryMapped: true });
  const message = expect.stringMatching(/^Quotes has no method load; list in methods those whose results to cache/);
  expect(wrap).toThrow(expect.objectContaining({ code: 'UNSUPPORTED', message }));
});

test('a class whose results nothing makes old is refused when it is wrapped', () => {
  class Quotes {
    load() {
      return [];
    }
  }
  memoryMapped()(Quotes);
  const message = expect.stringMatching(/^Quotes: nothing says how long a cached result is good; give source/);
  const wrap = () => applyFeatures(new Quotes(), { useMemoryMapped: true });
  expect(wrap).toThrow(expect.objectContaining({ code: 'ARGUMENT', message }));
});

test('a value of a mark that is not allowed is refused when it is wrapped', () => {
  class Cache extends Map {}
  compressed({ carrier: 'paper' })(Cache);
  expect(() => applyFeatures(new Cache(), { useCompression: true })).toThrow(
    expect.objectContaining({ code: 'ARGUMENT', message: expect.stringContaining('carrier is "paper"') }),
  );
  expect(isCompressed(new Cache())).toBe(false);
});

test.each([5, null, 'x', []])('defineConfig(%p) is refused when it is applied', (value) => {
  const config = defineConfig(value as never);
  expect(() => applyFeatures(new Store(), config)).toThrow(
    expect.objectContaining({ code: expect.stringMatching(/^(ARGUMENT|CONFIG)$/) }),
  );
  expect(() => loadConfigSync({ overrides: config, environment: {} })).toThrow(
    expect.objectContaining({ code: 'CONFIG' }),
  );
});
