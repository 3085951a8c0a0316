/**
 * When a cached result is served, when a new one is cached, and which events report it. Never throws into the
 * provider's caller.
 */

import path from 'node:path';
import { boundCache } from '../../cache-directory/cache-budget.js';
import { areUnchanged, type SourceStamp, type StampOptions, stampSources } from '../../dataset/source-stamps.js';
import { AtcError, isAtcError, reasonOf } from '../../errors.js';
import { emitMemoryEvent } from '../../events.js';
import { DEFAULT_CACHE_DIR, type FeatureMode } from '../../feature-mode.js';
import { createHash } from '../../io/crypto.js';
import { isPresent } from '../../io/json-file.js';
import { firstDifference } from '../../value/same-value.js';
import { argumentKey } from './argument-key.js';
import type { Arguments, WithMemoryMappingOptions } from './mapping-settings.js';
import { type CachedResult, findCached, openCached, type ResultFacts, storeResult } from './result-files.js';

/** One call: what its result is cached under, where, and what it has to be as fresh as. */
interface Request {
  readonly key: string;
  readonly location: string;
  readonly version: string;
  readonly sources: readonly string[];
  /** Taken before the provider is asked: a source that changes meanwhile makes the result stale, not wrong. */
  stamps?: readonly SourceStamp[];
  /** For events: method and digest. */
  readonly label: string;
}

export class ResultCache {
  readonly #options: WithMemoryMappingOptions & { readonly mode: Exclude<FeatureMode, false> };
  /** Name of the provider's class: subclasses inherit the id of a mark, and may answer differently. */
  readonly #owner: string;

  constructor(options: WithMemoryMappingOptions & { readonly mode: Exclude<FeatureMode, false> }, owner: string) {
    this.#options = options;
    this.#owner = owner;
  }

  /**
   * Undefined, and an event, for a call whose result cannot be cached: unnameable arguments, a source that is not
   * there.
   */
  request(args: Arguments, method: string): Request | undefined {
    const { service, cacheDir = DEFAULT_CACHE_DIR, key } = this.#options;
    try {
      const name = key ? requireText('key', key(args, method)) : argumentKey(args);
      const text = JSON.stringify([service, this.#owner, method, name]);
      const digest = createHash('sha256').update(text).digest('hex').slice(0, 32);
      const folder = `${service}.${method}`.replace(/[^\w.-]/g, '_').slice(0, 80);
      const location = path.join(path.resolve(cacheDir), 'history', folder, digest);
      const { version, source } = this.#options;
      const named = source?.(args, method) ?? [];
      const sources = (typeof named === 'string' ? [named] : named).map((file) => path.resolve(file));
      const missing = sources.find((file) => !isPresent(file));
      if (missing !== undefined) throw new AtcError('IO', `the source ${missing} is not there`, { path: missing });
      return {
        key: text,
        location,
        version: version === undefined ? '' : requireText('version', version(args, method)),
        sources,
        label: `${method} ${digest}`,
      };
    } catch (error) {
      emitMemoryEvent('fallback', { service, key: method, reason: reasonOf(error) });
      return undefined;
    }
  }

  /**
   * The cached result, when there is a fresh one; otherwise the request is made ready for what the provider will
   * answer.
   */
  serve(request: Request): { readonly result: unknown; readonly isAsync: boolean } | undefined {
    const { mode, service, backend = 'auto' } = this.#options;
    const cached = mode === 'verify' ? undefined : this.#fresh(request, true);
    try {
      if (cached !== undefined) {
        const result = openCached(cached, backend);
        emitMemoryEvent('hit', { service, key: request.label, bytes: cached.facts.fileBytes });
        return { result, isAsync: cached.facts.isAsync };
      }
    } catch (error) {
      emitMemoryEvent('corrupt', { service, key: request.label, error });
    } finally {
      cached?.release();
    }
    this.#stamp(request);
    return undefined;
  }

  /** Without stamps nothing is cached. */
  #stamp(request: Request): void {
    const { mode, service, fullHash } = this.#options;
    if (mode === 'read') return;
    try {
      request.stamps = stampSources(request.sources, { fullHash });
    } catch (error) {
      emitMemoryEvent('fallback', { service, key: request.label, reason: reasonOf(error) });
    }
  }

  /** To be released. */
  #fresh({ location, key, version, sources, label }: Request, reports: boolean): CachedResult | undefined {
    const { ttlMs = Number.POSITIVE_INFINITY, service, fullHash } = this.#options;
    let cached: CachedResult | undefined;
    try {
      cached = findCached(location, key);
      const reason = cached === undefined ? 'absent' : staleness(cached.facts, { ttlMs, version, sources, fullHash });
      if (reason === undefined) return cached;
      if (reports) emitMemoryEvent('miss', { service, key: label, reason });
    } catch (error) {
      emitMemoryEvent('corrupt', { service, key: label, error });
    }
    cached?.release();
    return undefined;
  }

  /** What the provider answered: stored, or compared with what is cached, and handed on. */
  take(request: Request, result: unknown, isAsync: boolean): unknown {
    const { mode, service, packed = false, level, algorithm, backend = 'auto' } = this.#options;
    const { key, version, stamps: sources, location, label } = request;
    if (mode === 'read' || sources === undefined) return result;
    let cached: CachedResult | undefined;
    try {
      cached = mode === 'verify' ? this.#fresh(request, false) : undefined;
      if (cached === undefined) {
        cached = storeResult(location, result, { key, version, sources, isAsync }, { packed, level, algorithm });
        // Another process stores it just now.
        if (cached === undefined) return result;
        emitMemoryEvent('write', { service, key: label, ...sizesOf(cached.facts) });
        this.#bound(cached.facts.fileBytes);
      }
      if (mode === 'verify') {
        const difference = firstDifference(openCached(cached, backend), result, 'result');
        if (difference === undefined) emitMemoryEvent('verified', { service, key: label, ...sizesOf(cached.facts) });
        else
          emitMemoryEvent('difference', { service, key: label, reason: `${difference} differs from what was cached` });
      }
    } catch (error) {
      if (isAtcError(error, 'CORRUPT')) emitMemoryEvent('corrupt', { service, key: label, error });
      else emitMemoryEvent('fallback', { service, key: label, reason: reasonOf(error) });
    } finally {
      cached?.release();
    }
    return result;
  }

  #bound(writtenBytes: number): void {
    const { cacheDir = DEFAULT_CACHE_DIR, maxCacheBytes } = this.#options;
    boundCache(path.resolve(cacheDir), maxCacheBytes, writtenBytes);
  }
}

function staleness(
  facts: ResultFacts,
  wanted: StampOptions & { readonly ttlMs: number; readonly version: string; readonly sources: readonly string[] },
): 'changed' | 'expired' | undefined {
  if (facts.version !== wanted.version) return 'changed';
  if (!(Date.now() - facts.createdMs < wanted.ttlMs)) return 'expired';
  return areUnchanged(facts.sources, wanted.sources, wanted) ? undefined : 'changed';
}

/** A promise or an object has no text: all calls would have the same one. */
function requireText(hook: string, answer: unknown): string {
  if (typeof answer === 'string') return answer;
  if (hook === 'version' && (typeof answer === 'number' || typeof answer === 'bigint')) return String(answer);
  const allowed = hook === 'version' ? 'a string, number or bigint' : 'a string';
  throw new AtcError('ARGUMENT', `${hook} must return ${allowed}, got ${Object.prototype.toString.call(answer)}`);
}

function sizesOf({ plainBytes, fileBytes }: ResultFacts) {
  return { bytesBefore: plainBytes, bytesAfter: fileBytes };
}
