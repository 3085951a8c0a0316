/**
 * Bindings that are replaced, doubled, named, inherited or unloaded, in three majors of inversify: wrapped, or reported
 * truly.
 */
import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { jest } from '@jest/globals';
import { type AtcConfig, Compressed, isCompressed } from 'atc-memory';
import { installMemoryOptimizations, memoryModule } from 'atc-memory/inversify';
import * as inversify8 from 'inversify';
import * as inversify6 from 'inversify6';
import * as inversify7 from 'inversify7';

let cacheDir: string;
beforeEach(() => {
  cacheDir = mkdtempSync(path.join(tmpdir(), 'atc-bindings-'));
});
afterEach(() => rmSync(cacheDir, { recursive: true, force: true }));

// biome-ignore lint/suspicious/noExplicitAny: three majors with types of their own
type Any = any;
const majors: [string, Any][] = [
  ['6', inversify6],
  ['7', inversify7],
  ['8', inversify8],
];

type Settings = [config: AtcConfig, ids: Record<string, string>];

describe.each(majors)('inversify %s: bindings that change', (major, inversify) => {
  const cached = (): Settings => [{ useCompression: true, cacheDir }, { Cache: 'Cache' }];
  const warningsOf = async (work: () => unknown): Promise<string[]> => {
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    try {
      await work();
      return warn.mock.calls.map(([message]) => String(message)).filter((message) => message.startsWith('Cache'));
    } finally {
      warn.mockRestore();
    }
  };
  const bindCache = (container: Any, make = () => new Map<string, unknown>()) =>
    container.bind('Cache').toDynamicValue(make).inSingletonScope();
  const childOf = (parent: Any) => (major === '6' ? parent.createChild() : new inversify.Container({ parent }));

  test.each([true, false])(
    'rebind, and unbind with bind, after a first get (%s) and before: wrapped',
    async (isUsed) => {
      const container = new inversify.Container();
      bindCache(container);
      const installed = installMemoryOptimizations(container, ...cached());
      const warnings = await warningsOf(async () => {
        if (isUsed) expect(isCompressed(container.get('Cache'))).toBe(true);
        const rebound = await container.rebind('Cache');
        rebound.toDynamicValue(() => new Map()).inSingletonScope();
        expect(isCompressed(container.get('Cache'))).toBe(true);
        await container.unbind('Cache');
        bindCache(container);
        expect(isCompressed(container.get('Cache'))).toBe(true);
        container.snapshot();
        await container.unbindAll();
        bindCache(container);
        expect(isCompressed(container.get('Cache'))).toBe(true);
        container.restore();
        expect(isCompressed(container.get('Cache'))).toBe(true);
        await installed.verify();
      });
      expect(warnings).toEqual([]);
    },
  );

  test('a rebound service is wrapped by a module of its container; verify of others names the cause', async () => {
    for (const isKnown of [true, false]) {
      const container = new inversify.Container();
      bindCache(container);
      const module = memoryModule(...cached(), isKnown ? container : undefined);
      await container.load(module);
      container.get('Cache');
      await container.unbind('Cache');
      bindCache(container);
      const isWrapped = isCompressed(container.get('Cache'));
      if (isKnown || isWrapped) await module.verify(container);
      else await expect(module.verify(container)).rejects.toThrow(/bound anew since \(rebind, unbind\).*memoryModule/);
      expect(isKnown && !isWrapped).toBe(false);
    }
  });

  test('several bindings of one identifier, and named ones, are wrapped and verified', async () => {
    const container = new inversify.Container();
    for (const name of ['Cache', 'Cache']) bindCache(container, () => new Map([[name, 1]]));
    const installed = installMemoryOptimizations(container, ...cached());
    await installed.verify();
    expect(container.getAll('Cache').map(isCompressed)).toEqual([true, true]);
    const other = new inversify.Container();
    for (const name of ['x', 'y']) {
      const binding = other
        .bind('Cache')
        .toDynamicValue(() => new Map())
        .inSingletonScope();
      (binding.whenNamed ?? binding.whenTargetNamed).call(binding, name);
    }
    const named = installMemoryOptimizations(other, ...cached());
    const get = (name: string) => (major === '6' ? other.getNamed('Cache', name) : other.get('Cache', { name }));
    expect(['x', 'y'].map(get).map(isCompressed)).toEqual([true, true]);
    await named.verify();
  });

  test('several bindings of which one was resolved too early: reported', async () => {
    const container = new inversify.Container();
    for (let n = 0; n < 2; n++) bindCache(container);
    container.getAll('Cache');
    const installed = installMemoryOptimizations(container, ...cached());
    const warnings = await warningsOf(() => container.getAll('Cache'));
    expect(warnings).toEqual([expect.stringContaining('Cache was resolved before it could be wrapped')]);
    await expect(installed.verify()).rejects.toThrow('Cache was resolved before it could be wrapped');
  });

  test('bindings of a child are wrapped by its parent; those of the parent are wrapped or reported', async () => {
    const parent = new inversify.Container();
    installMemoryOptimizations(parent, ...cached());
    const child = childOf(parent);
    bindCache(child);
    expect(isCompressed(child.get('Cache'))).toBe(true);
    const owner = new inversify.Container();
    bindCache(owner);
    const late = childOf(owner);
    const installed = installMemoryOptimizations(late, ...cached());
    const warnings = await warningsOf(() => late.get('Cache'));
    if (isCompressed(late.get('Cache'))) await installed.verify();
    else {
      expect(warnings).toEqual([expect.stringContaining('Cache is bound in a parent of this container')]);
      await expect(installed.verify()).rejects.toThrow('install on the parent');
    }
  });

  test('injected into something resolved before the installation: verify reports it', async () => {
    const container = new inversify.Container();
    bindCache(container);
    container
      .bind('Root')
      .toDynamicValue(() => ({ cache: container.get('Cache') }))
      .inSingletonScope();
    container.get('Root');
    const installed = installMemoryOptimizations(container, ...cached());
    await expect(installed.verify()).rejects.toThrow('Cache was resolved before it could be wrapped');
  });

  const markedClass = (name: string, base: Any = Map) => {
    const target = { [name]: class extends base {} }[name];
    inversify.injectable()(target);
    return target;
  };
  const bindNew = (container: Any, id: Any, target: Any) => container.bind(id).toDynamicValue(() => new target());

  test('a marked class that is bound under a second identifier is reported when that one is resolved', async () => {
    const Twice = markedClass(`Twice${major}`);
    Compressed()(Twice);
    const container = new inversify.Container();
    bindNew(container, Twice, Twice);
    bindNew(container, 'second', Twice);
    const services = { [Twice.name]: { useCompression: true as const } };
    const installed = installMemoryOptimizations(container, { cacheDir, services });
    expect(isCompressed(container.get(Twice))).toBe(true);
    await installed.verify();
    const warn = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    container.get('second');
    container.get('second');
    expect(warn.mock.calls.map(([message]) => message)).toEqual([
      expect.stringContaining(`${Twice.name} is marked and was handed out unwrapped as "second"`),
    ]);
    warn.mockRestore();
    await expect(installed.verify()).rejects.toThrow('handed out unwrapped as "second"');
  });

  test('a class that inherits a mark, and one that is marked after the installation, are wrapped', async () => {
    const container = new inversify.Container();
    const Base = markedClass(`Base${major}`);
    Compressed()(Base);
    const Late = markedClass(`Late${major}`);
    const Derived = markedClass(`Derived${major}`, Base);
    bindNew(container, Derived, Derived);
    const on = { useCompression: true as const };
    const services = { [Base.name]: on, [Late.name]: on, [Derived.name]: on };
    installMemoryOptimizations(container, { cacheDir, services });
    Compressed()(Late);
    bindNew(container, Late, Late);
    bindNew(container, Base, Base);
    for (const id of [Derived, Late, Base]) expect(isCompressed(container.get(id))).toBe(true);
  });

  test.each(['a factory', 'a function', 'a class'])(
    '%s bound as a service is reported: what it makes is out of reach',
    async (kind) => {
      const container = new inversify.Container();
      const made = kind === 'a class' ? class extends Map {} : () => new Map();
      if (kind === 'a factory') container.bind('Cache').toFactory(() => made);
      else container.bind('Cache').toConstantValue(made);
      const installed = installMemoryOptimizations(container, ...cached());
      const warnings = await warningsOf(() => container.get('Cache'));
      expect(warnings).toEqual([
        expect.stringContaining('Cache is a function: what it makes is activated by no container'),
      ]);
      await expect(installed.verify()).rejects.toThrow('call applyFeatures where it is made');
    },
  );

  test('an activation handler that is registered later and replaces the service is named as the cause', async () => {
    const container = new inversify.Container();
    bindCache(container);
    const installed = installMemoryOptimizations(container, ...cached());
    container.onActivation('Cache', (_: unknown, service: Map<string, unknown>) => new Map(service));
    await expect(installed.verify()).rejects.toThrow('or an activation handler that was registered later replaced it');
  });

  test('a binding that leads to another identifier is wrapped, or reported with what to name', async () => {
    const container = new inversify.Container();
    container
      .bind('Real')
      .toDynamicValue(() => new Map())
      .inSingletonScope();
    container.bind('Cache').toService('Real');
    const installed = installMemoryOptimizations(container, ...cached());
    if (major === '6') await installed.verify();
    else await expect(installed.verify()).rejects.toThrow('bound with toService: then name the identifier');
  });

  test('unload gives the container its methods back, and nothing is warned of or wrapped any more', async () => {
    const container = new inversify.Container();
    container.bind('Cache').toDynamicValue(() => new Map());
    const before = Reflect.ownKeys(container);
    const [first, second] = [memoryModule(...cached(), container), memoryModule(...cached(), container)];
    await container.load(first);
    await container.load(second);
    expect(isCompressed(container.get('Cache'))).toBe(true);
    await container.unload(first);
    expect(isCompressed(container.get('Cache'))).toBe(true);
    await container.unload(second);
    expect(Reflect.ownKeys(container)).toEqual(before);
    expect(await warningsOf(() => expect(isCompressed(container.get('Cache'))).toBe(false))).toEqual([]);
  });

  test('marked classes that another container looks after are not missing', async () => {
    class Elsewhere extends Map<string, unknown> {}
    Compressed({ id: `Elsewhere ${major}` })(Elsewhere);
    const [one, two] = [new inversify.Container(), new inversify.Container()];
    one
      .bind('elsewhere')
      .toDynamicValue(() => new Elsewhere())
      .inSingletonScope();
    bindCache(two);
    const config = { cacheDir, services: { [`Elsewhere ${major}`]: { useCompression: true as const } } };
    const first = installMemoryOptimizations(one, config, { [`Elsewhere ${major}`]: 'elsewhere' });
    const second = installMemoryOptimizations(two, config);
    await second.verify();
    expect(isCompressed(one.get('elsewhere'))).toBe(true);
    await first.verify();
    await second.verify();
  });

  test('a container that does not let itself be overridden is UNSUPPORTED, and left as it is', () => {
    const container = new inversify.Container();
    bindCache(container);
    const guarded = new Proxy(container, { defineProperty: () => false });
    const refused = expect.objectContaining({ code: 'UNSUPPORTED', message: expect.stringContaining('Proxy') });
    expect(() => installMemoryOptimizations(guarded, ...cached())).toThrow(refused);
    expect(isCompressed(container.get('Cache'))).toBe(false);
  });
});

test.each<[string, (container: Any) => unknown, string]>([
  ['no container', () => installMemoryOptimizations(undefined as Any), 'needed is a container of inversify'],
  [
    'an identifier that is undefined',
    (c) => installMemoryOptimizations(c, {}, { Cache: undefined } as Any),
    'the identifier of Cache is undefined',
  ],
  [
    'identifiers that are a list',
    (c) => installMemoryOptimizations(c, {}, ['Cache'] as Any),
    'must be an object of names',
  ],
  [
    'a promise of a configuration',
    (c) => installMemoryOptimizations(c, Promise.resolve({}) as Any),
    'write await loadConfig()',
  ],
  [
    'a configuration that is text',
    (c) => installMemoryOptimizations(c, 'on' as Any),
    'the configuration must be an object, got "on"',
  ],
  ['a module of no container', () => memoryModule({}, {}, {} as Any), 'needed is a container of inversify'],
])('%s is ARGUMENT', (_, call, message) => {
  const refused = expect.objectContaining({ code: 'ARGUMENT', message: expect.stringContaining(message) });
  expect(() => call(new inversify8.Container())).toThrow(refused);
});
