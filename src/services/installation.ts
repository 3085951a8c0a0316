/** What is to be wrapped in a container: by identifier, when it is activated; and whether it was. */
import type { ResolvedConfig } from '../config/resolve.js';
import { AtcError, reasonOf, shown } from '../errors.js';
import { nearestHint } from '../nearest.js';
import { featuresOf, isWrapped, wrapService } from './apply-features.js';
import type { Watcher } from './container-watch.js';
import { markedClasses, markedName, marksOf } from './mark-registry.js';
import { isObject, isThenable } from './override.js';
import { noteWrapping, wasWrapped } from './wrapping.js';

/** Whatever the container takes as a service identifier. */
export type ServiceId = string | symbol | (abstract new (...args: never[]) => object);

/** Service identifiers by the name under which `services` of the configuration knows them. */
export type ServiceIds = Readonly<Record<string, ServiceId>>;

type Activation = (context: never, service: never) => unknown;
export type Register = (id: ServiceId, activation: Activation) => unknown;

/** The container that owns the bindings. */
export interface ActivatingContainer {
  /** Registers a handler that gets every instance once and returns what is served instead of it. */
  // biome-ignore lint/suspicious/noExplicitAny: the three majors type identifiers and handlers each in their own way
  onActivation(id: any, handler: any): unknown;
  /** Whether the container itself or a parent knows the id. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  isBound(id: any): boolean;
  /** Resolves synchronously. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  get(id: any): unknown;
  /** Resolves what has asynchronous bindings. */
  // biome-ignore lint/suspicious/noExplicitAny: as above
  getAsync?(id: any): Promise<any>;
}

/** Methods that some majors have as well. */
interface FullContainer extends ActivatingContainer {
  isCurrentBound?(id: unknown): boolean;
  getAll?(id: unknown): unknown;
  getAllAsync?(id: unknown): Promise<unknown>;
}

const NAME_IT =
  'give its identifier to installMemoryOptimizations or memoryModule, or call applyFeatures where it is made';

/** Installations of this process: a class that one of them looks after is not missing in another one. */
const installations = new Set<WeakRef<Installation>>();

export class Installation {
  /** Identifiers that were activated at least once since. */
  readonly #activated = new Set<ServiceId>();
  /** Named by the caller first, then marked classes. Two classes may have one name. */
  readonly #ids: (readonly [name: string, id: ServiceId])[];
  /** Of marked classes, what was handed out unwrapped under other identifiers: verify reports it. */
  readonly #strays = new Set<string>();
  readonly #named: ReadonlySet<string>;
  #container: ActivatingContainer | undefined;
  #hasWarned = false;
  #hasLookedForForgotten = false;
  /** Activations of an earlier registration do nothing: some majors keep them when a binding is replaced. */
  #registration = 0;

  constructor(
    readonly config: ResolvedConfig,
    ids: ServiceIds,
  ) {
    const named = Object.entries(ids);
    const given = new Set<ServiceId>(named.map(([, id]) => id));
    // Classes bound to themselves need not be named.
    const marked = markedClasses().filter((target) => !given.has(target));
    this.#ids = [...named, ...marked.map((target) => [markedName(target), target] as const)];
    this.#named = new Set(Object.keys(ids));
    installations.add(new WeakRef(this));
    noteWrapping(config);
  }

  /** With everything off for a service, the container is left untouched. */
  register(onActivation: Register, container?: ActivatingContainer): void {
    this.#container = container ?? this.#container;
    this.#registration++;
    for (const one of this.#ids) this.#registerOne(one, onActivation);
  }

  #registerOne([name, id]: readonly [string, ServiceId], onActivation: Register): void {
    if (this.#isOff(name)) return;
    const registration = this.#registration;
    onActivation(id, (_: never, service: unknown) =>
      registration === this.#registration ? this.#activate(name, id, service) : service,
    );
  }

  /** What a container that is known asks for. */
  watcher(container: ActivatingContainer, register: Register, module?: unknown): Watcher {
    return {
      module,
      renew: () => this.register(register, container),
      expect: (id) => this.#adopt(id, register),
      retire: () => {
        this.#registration++;
      },
      look: (id, service, isOutermost) => {
        this.#look(container, id, service);
        if (isOutermost) this.#lookForForgotten(container);
      },
    };
  }

  /** A class with a mark, its own or inherited, that was not there yet when this was installed. */
  #adopt(id: unknown, register: Register): void {
    if (typeof id !== 'function' || this.#ids.some(([, known]) => known === id)) return;
    const { compressed, memoryMapped } = marksOf(id);
    if (compressed === undefined && memoryMapped === undefined) return;
    const one = [markedName(id), id as ServiceId] as const;
    this.#ids.push(one);
    this.#registerOne(one, register);
  }

  get isAllOff(): boolean {
    return this.#ids.every(([name]) => this.#isOff(name));
  }

  #isOff(name: string): boolean {
    const own = Object.hasOwn(this.config.services, name) ? this.config.services[name] : undefined;
    const compression = own?.useCompression ?? this.config.useCompression;
    const mapping = own?.useMemoryMapped ?? this.config.useMemoryMapped;
    return compression === false && mapping === false;
  }

  #activate(name: string, id: ServiceId, service: unknown): unknown {
    if (isThenable(service)) return service.then((resolved) => this.#activate(name, id, resolved));
    if (!isObject(service)) return service;
    this.#activated.add(id);
    return wrapService(service, featuresOf(service, this.config, name));
  }

  /** A service that was asked for by its own id and should have been wrapped, but is not: warned of once. */
  #look(container: ActivatingContainer, id: unknown, service: unknown): void {
    if (!isObject(service)) return;
    let isKnown = false;
    for (const [name, known] of this.#ids) {
      if (known !== id) continue;
      isKnown = true;
      if (this.#hasWarned || this.#isOff(name)) continue;
      const problem = this.#problemOfService(container, name, known, service);
      if (problem === undefined) continue;
      this.#hasWarned = true;
      process.emitWarning(problem, { code: 'ATC_NOT_WRAPPED' });
    }
    if (!isKnown) this.#lookAtStray(container, id, service);
  }

  /** An instance of a marked class under an identifier that nobody has named: warned of once for each class. */
  #lookAtStray(container: ActivatingContainer, id: unknown, service: object): void {
    const { compressed, memoryMapped } = marksOf(service);
    if (compressed === undefined && memoryMapped === undefined) return;
    const target = service.constructor as ServiceId;
    // That a class is bound under other identifiers alone is reported of the class.
    if (this.#ids.some(([, known]) => known === target) && !container.isBound(target)) return;
    const features = featuresOf(service, this.config);
    if (isWrapped(service, features)) return;
    const problem = `${features.name} is marked and was handed out unwrapped as ${nameOfId(id)}; ${NAME_IT}`;
    if (this.#strays.has(problem)) return;
    this.#strays.add(problem);
    process.emitWarning(problem, { code: 'ATC_NOT_WRAPPED' });
  }

  /** Why a service that was asked for by an identifier of ours is not what it should be; undefined when it is. */
  #problemOfService(container: FullContainer, name: string, id: ServiceId, service: object): string | undefined {
    const features = featuresOf(service, this.config, name);
    if (!isWrapped(service, features)) return this.#whyUnwrapped(container, name, id);
    const isAsked = this.#named.has(name) && !Object.hasOwn(this.config.services, name);
    if (typeof service !== 'function' || !isAsked || features.compression !== false || features.mapping !== false) {
      return undefined;
    }
    return `${name} is a function: what it makes is activated by no container; call applyFeatures where it is made`;
  }

  /**
   * After the first use, when what the application consists of has been activated: marked classes that nothing was
   * wrapped of.
   */
  #lookForForgotten(container: ActivatingContainer): void {
    if (this.#hasLookedForForgotten) return;
    this.#hasLookedForForgotten = true;
    const forgotten = this.#ids.flatMap(([name, id]) =>
      this.#named.has(name) || this.#isOff(name) || container.isBound(id) || this.#isElsewhere(id) ? [] : [name],
    );
    for (const name of new Set(forgotten)) process.emitWarning(unknownBinding(name), { code: 'ATC_NOT_WRAPPED' });
  }

  /**
   * A marked class of which instances were wrapped, by whatever container or by hand, or that another installation
   * looks after.
   */
  #isElsewhere(id: ServiceId): boolean {
    if (typeof id !== 'function' || wasWrapped(id)) return true;
    for (const reference of installations) {
      const other = reference.deref();
      if (other === undefined) installations.delete(reference);
      else if (other !== this && other.#looksAfter(id)) return true;
    }
    return false;
  }

  #looksAfter(id: ServiceId): boolean {
    const container = this.#container;
    const ownName = markedName(id as object);
    // A name says which class is meant as long as no other one has it.
    const isOnly = markedClasses().filter((target) => markedName(target) === ownName).length === 1;
    const isMeant = ([name, own]: readonly [string, ServiceId]) =>
      own === id || (isOnly && this.#named.has(name) && name === ownName);
    return container !== undefined && this.#ids.some((one) => isMeant(one) && container.isBound(one[1]));
  }

  /** Fails with CONFIG, one line for each service that should be wrapped and is not. */
  async verify(container: ActivatingContainer): Promise<void> {
    const known = [...new Set(this.#ids.map(([name]) => name))];
    const problems = Object.keys(this.config.services)
      .filter((name) => !known.includes(name))
      .map((name) => `services.${name} of the configuration names no service${nearestHint(name, known)}`);
    for (const [name, id] of this.#ids) {
      if (this.#isOff(name)) continue;
      const problem = await this.#problemOf(container, name, id);
      if (problem !== undefined) problems.push(problem);
    }
    problems.push(...this.#strays);
    if (problems.length > 0) throw new AtcError('CONFIG', [...new Set(problems)].join('\n'));
  }

  async #problemOf(container: FullContainer, name: string, id: ServiceId): Promise<string | undefined> {
    const isNamed = this.#ids.some(([known, other]) => known === name && other === id && this.#named.has(known));
    if (!container.isBound(id)) {
      // Bound under a name or tag only, and resolved that way.
      if (this.#activated.has(id)) return undefined;
      if (!isNamed || typeof id === 'function') {
        return this.#named.has(name) || this.#isElsewhere(id) ? undefined : unknownBinding(name);
      }
      return `${name} is not bound, or only under a name or tag and not resolved yet: resolve it before verify`;
    }
    let services: readonly unknown[];
    try {
      services = await resolveAll(container, id);
    } catch (error) {
      return `${name} cannot be resolved: ${reasonOf(error)}`;
    }
    for (const service of services) {
      if (!isObject(service)) return `${name} is ${shown(service)}, which is no object`;
      const problem = this.#problemOfService(container, name, id, service);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  #whyUnwrapped(container: FullContainer, name: string, id: ServiceId): string {
    if (container.isCurrentBound?.(id) === false && container.isBound(id)) {
      return `${name} is bound in a parent of this container and was not wrapped there; install on the parent`;
    }
    const early = `${name} was resolved before it could be wrapped, and a container activates a singleton only once`;
    if (this.#container !== undefined) {
      const other = this.#activated.has(id)
        ? 'or an activation handler that was registered later replaced it'
        : 'or it is bound with toService: then name the identifier that this leads to';
      return `${early}, ${other}; install earlier`;
    }
    const anew = 'or it was bound anew since (rebind, unbind), which a module alone cannot see';
    return `${early}, ${anew}; load the module earlier, and hand the container to memoryModule`;
  }
}

/** What an identifier stands for: one service, or all of several bindings. */
async function resolveAll(container: FullContainer, id: ServiceId): Promise<readonly unknown[]> {
  try {
    return [await (container.getAsync ? container.getAsync(id) : container.get(id))];
  } catch (error) {
    const all = await (container.getAllAsync ?? container.getAll)?.call(container, id);
    if (Array.isArray(all) && all.length > 0) return all;
    throw error;
  }
}

function unknownBinding(name: string): string {
  return `${name} is marked but bound under another identifier, or made by no container; ${NAME_IT}`;
}

function nameOfId(id: unknown): string {
  return typeof id === 'function' && id.name !== '' ? id.name : shown(id);
}
