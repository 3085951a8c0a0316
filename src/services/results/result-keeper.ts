/** When a kept result is served, when a new one is kept, and what is told about it. Never throws into the provider's caller. */

import path from 'node:path';
import { boundCache } from '../../cache-directory/cache-budget.js';
import type { CompressionOptions } from '../../codec/compression-options.js';
import { areUnchanged, type SourceStamp, type StampOptions, stampSources } from '../../dataset/source-stamps.js';
import { AtcError, isAtcError } from '../../errors.js';
import { emitMemoryEvent } from '../../events.js';
import type { FeatureMode } from '../../feature-mode.js';
import { createHash } from '../../io/crypto.js';
import { isPresent } from '../../io/json-file.js';
import type { MappingBackendChoice } from '../../io/select-backend.js';
import { firstDifference } from '../../value/same-value.js';
import { argumentKey } from './argument-key.js';
import { findKept, type Kept, type KeptFacts, keepResult, openKept } from './result-files.js';

/** What a method was called with. */
export type Arguments = readonly unknown[];

/** What makes a kept result old: time, a version that the service tells, or changed files. */
export interface FreshnessOptions extends StampOptions {
  /** A result older than this is made again, in ms. `Infinity` for history that never changes. */
  readonly ttlMs?: number;
  /** Another answer than the last time makes the result stale. */
  readonly version?: (args: Arguments, method: string) => string | number | bigint;
  /** The files or datasets a result is read from: it is stale when one of them changes (size, times in ns, inode, digests). */
  readonly source?: (args: Arguments, method: string) => string | readonly string[];
}

/** What is kept of a service's methods, where, and for how long. */
export interface WithMemoryMappingOptions extends FreshnessOptions, CompressionOptions {
  /** Name of the service: results are kept under it. Two providers that answer differently need two names. */
  readonly service: string;
  /** false wraps nothing; 'verify' keeps, compares and serves the provider's; 'read' serves what is kept and keeps nothing new. Default true. */
  readonly mode?: FeatureMode;
  /** Methods whose results are kept. Default `['load']`, or none when there are `inputs`. */
  readonly methods?: readonly string[];
  /**
   * Async methods whose first argument is the path of a history, or a list of paths: they are given the directory of a mapped or packed
   * copy of it instead, a dataset. For a `BacktestProvider`: `['run']`.
   */
  readonly inputs?: readonly string[];
  /** What identifies a result. Default: the arguments themselves. */
  readonly key?: (args: Arguments, method: string) => string;
  /** Directory that kept results lie in, under `history`. Default '.cache/atc'. */
  readonly cacheDir?: string;
  /** Bound on the whole of `cacheDir`: what was used longest ago goes. Default false: none. */
  readonly maxCacheBytes?: number | false;
  /** What maps the kept files. Default 'auto': the first module that loads, reading where none does. */
  readonly backend?: MappingBackendChoice;
  /** Keep packed frames instead of .npy files: smaller, decoded into the heap. Default false. */
  readonly packed?: boolean;
}

/** One call: what its result is kept under, where, and what it has to be as fresh as. */
interface Request {
  readonly key: string;
  readonly place: string;
  readonly version: string;
  readonly sources: readonly string[];
  /** Taken before the provider is asked: a source that changes meanwhile makes the result stale, not wrong. */
  stamps?: readonly SourceStamp[];
  /** For events: method and digest. */
  readonly label: string;
}

export class ResultKeeper {
  constructor(
    private readonly options: WithMemoryMappingOptions & { readonly mode: Exclude<FeatureMode, false> },
    /** Name of the provider's class: subclasses inherit the id of a mark, and may answer differently. */
    private readonly owner: string,
  ) {}

  /** Undefined, and an event, for a call whose result cannot be kept: unnameable arguments, a source that is not there. */
  request(args: Arguments, method: string): Request | undefined {
    const { service, cacheDir = '.cache/atc', key } = this.options;
    try {
      const name = key ? requireText('key', key(args, method)) : argumentKey(args);
      const text = JSON.stringify([service, this.owner, method, name]);
      const digest = createHash('sha256').update(text).digest('hex').slice(0, 32);
      const folder = `${service}.${method}`.replace(/[^\w.-]/g, '_').slice(0, 80);
      const place = path.join(path.resolve(cacheDir), 'history', folder, digest);
      const { version, source } = this.options;
      const named = source?.(args, method) ?? [];
      const sources = (typeof named === 'string' ? [named] : named).map((file) => path.resolve(file));
      const missing = sources.find((file) => !isPresent(file));
      if (missing !== undefined) throw new AtcError('IO', `the source ${missing} is not there`, { path: missing });
      return {
        key: text,
        place,
        version: version === undefined ? '' : requireText('version', version(args, method)),
        sources,
        label: `${method} ${digest}`,
      };
    } catch (error) {
      emitMemoryEvent('fallback', { service, key: method, reason: reasonOf(error) });
      return undefined;
    }
  }

  /** The kept result, when there is a fresh one; otherwise the request is made ready for what the provider will answer. */
  serve(request: Request): { readonly result: unknown; readonly isAsync: boolean } | undefined {
    const { mode, service, backend = 'auto' } = this.options;
    const kept = mode === 'verify' ? undefined : this.fresh(request, true);
    try {
      if (kept !== undefined) {
        const result = openKept(kept, backend);
        emitMemoryEvent('hit', { service, key: request.label, bytes: kept.facts.fileBytes });
        return { result, isAsync: kept.facts.isAsync };
      }
    } catch (error) {
      emitMemoryEvent('corrupt', { service, key: request.label, error });
    } finally {
      kept?.release();
    }
    this.stamp(request);
    return undefined;
  }

  /** Without stamps nothing is kept. */
  private stamp(request: Request): void {
    const { mode, service, fullHash } = this.options;
    if (mode === 'read') return;
    try {
      request.stamps = stampSources(request.sources, { fullHash });
    } catch (error) {
      emitMemoryEvent('fallback', { service, key: request.label, reason: reasonOf(error) });
    }
  }

  /** To be released. */
  private fresh({ place, key, version, sources, label }: Request, tell: boolean): Kept | undefined {
    const { ttlMs = Number.POSITIVE_INFINITY, service, fullHash } = this.options;
    let kept: Kept | undefined;
    try {
      kept = findKept(place, key);
      const reason = kept === undefined ? 'absent' : staleness(kept.facts, { ttlMs, version, sources, fullHash });
      if (reason === undefined) return kept;
      if (tell) emitMemoryEvent('miss', { service, key: label, reason });
    } catch (error) {
      emitMemoryEvent('corrupt', { service, key: label, error });
    }
    kept?.release();
    return undefined;
  }

  /** What the provider answered: kept, or compared with what is kept, and handed on. */
  take(request: Request, result: unknown, isAsync: boolean): unknown {
    const { mode, service, packed = false, level, algorithm, backend = 'auto' } = this.options;
    const { key, version, stamps: sources, place, label } = request;
    if (mode === 'read' || sources === undefined) return result;
    let kept: Kept | undefined;
    try {
      kept = mode === 'verify' ? this.fresh(request, false) : undefined;
      if (kept === undefined) {
        kept = keepResult(place, result, { key, version, sources, isAsync }, { packed, level, algorithm });
        // Somebody else keeps it just now.
        if (kept === undefined) return result;
        emitMemoryEvent('write', { service, key: label, ...sizesOf(kept.facts) });
        this.bound(kept.facts.fileBytes);
      }
      if (mode === 'verify') {
        const difference = firstDifference(openKept(kept, backend), result, 'result');
        if (difference === undefined) emitMemoryEvent('verified', { service, key: label, ...sizesOf(kept.facts) });
        else emitMemoryEvent('difference', { service, key: label, reason: `${difference} differs from what was kept` });
      }
    } catch (error) {
      if (isAtcError(error, 'CORRUPT')) emitMemoryEvent('corrupt', { service, key: label, error });
      else emitMemoryEvent('fallback', { service, key: label, reason: reasonOf(error) });
    } finally {
      kept?.release();
    }
    return result;
  }

  private bound(writtenBytes: number): void {
    const { cacheDir = '.cache/atc', maxCacheBytes } = this.options;
    boundCache(path.resolve(cacheDir), maxCacheBytes, writtenBytes);
  }
}

function staleness(
  facts: KeptFacts,
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

function sizesOf({ plainBytes, fileBytes }: KeptFacts) {
  return { bytesBefore: plainBytes, bytesAfter: fileBytes };
}

function reasonOf(error: unknown): string {
  return error instanceof Error || isAtcError(error) ? error.message : String(error);
}
