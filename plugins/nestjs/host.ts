/**
 * NestJS, loaded when the module is made, and what is used of it. Its types are described here by what they have in
 * common in 11 and 12, so that an application's compiler sees nothing of another version.
 */
import { AtcError } from 'atc-memory';
import { hostRequire } from './host-module.js';

/** What Nest takes as an injection token. */
// biome-ignore lint/suspicious/noExplicitAny: Nest types it in each version anew
export type NestToken = any;

/** The instance of a provider in one context: the application, a request, or the service that injects it. */
export interface InstanceHost {
  instance: unknown;
  readonly isResolved?: boolean;
}

/** Nest's record of a provider. */
export interface InstanceWrapper {
  readonly token: unknown;
  readonly name?: unknown;
  /** The class, or the function of a factory; null of a value. */
  readonly metatype: unknown;
  /** What a factory is called with; missing of a class. */
  readonly inject?: readonly unknown[] | null;
  readonly isAlias?: boolean;
  /** The module that provides it. */
  readonly host?: { readonly name?: string };
  /** Of the application's own context. Reading it asks `getInstanceByContextId`. */
  readonly instance: unknown;
  /** The instances of a transient provider in services of the application's own context. */
  getStaticTransientInstances?(): readonly (InstanceHost | undefined)[];
  getInstanceByContextId(contextId: unknown, inquirerId?: string): InstanceHost;
  /** False of what is created for each request. */
  isDependencyTreeStatic(): boolean;
}

export interface DiscoveryService {
  getProviders(): readonly InstanceWrapper[];
}

export interface LazyModuleLoader {
  load(...args: unknown[]): Promise<unknown>;
}

interface NestCore {
  readonly DiscoveryModule: NestToken;
  readonly DiscoveryService: NestToken;
  readonly LazyModuleLoader: NestToken;
}

/** UNSUPPORTED where NestJS is not installed, or too old to have these. */
export function nestCore(): NestCore {
  let core: Partial<NestCore>;
  try {
    core = hostRequire('@nestjs/core') as Partial<NestCore>;
  } catch (cause) {
    const advice = 'npm install @nestjs/common @nestjs/core';
    throw new AtcError('UNSUPPORTED', `MemoryModule needs NestJS 11 or 12, which cannot be loaded; ${advice}`, {
      cause,
    });
  }
  const needed = ['DiscoveryModule', 'DiscoveryService', 'LazyModuleLoader'] as const;
  const missing = needed.filter((name) => typeof core[name] !== 'function');
  if (missing.length === 0) return core as NestCore;
  throw new AtcError(
    'UNSUPPORTED',
    `this @nestjs/core has no ${missing.join(', ')}; MemoryModule needs NestJS 11 or 12`,
  );
}

/** Throws UNSUPPORTED for a provider record of a version that is built otherwise. */
export function requireWrapper(wrapper: InstanceWrapper): void {
  const isKnown =
    typeof wrapper.getInstanceByContextId === 'function' && typeof wrapper.isDependencyTreeStatic === 'function';
  if (isKnown) return;
  throw new AtcError(
    'UNSUPPORTED',
    'this version of NestJS keeps its providers in another way; MemoryModule needs 11 or 12',
  );
}
