/** When a kept result is served, when a new one is kept, and what is told about it. Never throws into the provider's caller. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { firstDifference } from '../array/same-value.js';
import type { CompressionOptions } from '../codec/compression-options.js';
import { isAtcError } from '../errors.js';
import { emitMemoryEvent } from '../events.js';
import type { FeatureMode } from '../feature-mode.js';
import type { Generation } from '../io/current-generation.js';
import type { MappingBackendChoice } from '../io/select-backend.js';
import { sourceStamp } from '../io/source-stamp.js';
import { argumentKey } from './argument-key.js';
import { findKept, type KeptFacts, keepResult, openKept } from './result-files.js';

/** What a method was called with. */
export type Arguments = readonly unknown[];

export interface FreshnessOptions {
  /** A result older than this is made again, in ms. `Infinity` for history that never changes. */
  readonly ttlMs?: number;
  /** Another answer than the last time makes the result stale. */
  readonly version?: (args: Arguments, method: string) => string | number | bigint;
  /** The file or files a result is read from: it is stale when one of them changes (size, time in ns, digest of both ends). */
  readonly source?: (args: Arguments, method: string) => string | readonly string[];
}

export interface WithMemoryMappingOptions extends FreshnessOptions, CompressionOptions {
  /** Name of the service: results are kept under it. Two providers that answer differently need two names. */
  readonly service: string;
  /** Default true. */
  readonly mode?: FeatureMode;
  /** Methods whose results are kept. Default `['load']`. */
  readonly methods?: readonly string[];
  /** What identifies a result. Default: the arguments themselves. */
  readonly key?: (args: Arguments, method: string) => string;
  /** Default '.cache/atc'. */
  readonly cacheDir?: string;
  /** Default 'auto'. */
  readonly backend?: MappingBackendChoice;
  /** Keep packed frames instead of .npy files: smaller, decoded into the heap. Default false. */
  readonly packed?: boolean;
}

/** One call: what its result is kept under, where, and what it has to be as fresh as. */
interface Request {
  readonly key: string;
  readonly place: string;
  readonly version: string;
  /** For events: method and digest. */
  readonly label: string;
}

export class ResultKeeper {
  constructor(private readonly options: WithMemoryMappingOptions & { readonly mode: Exclude<FeatureMode, false> }) {}

  /** Undefined, and an event, for a call whose result cannot be kept: unnameable arguments, a source that is not there. */
  request(args: Arguments, method: string): Request | undefined {
    const { service, cacheDir = '.cache/atc', key } = this.options;
    try {
      const text = JSON.stringify([service, method, key ? key(args, method) : argumentKey(args)]);
      const digest = createHash('sha256').update(text).digest('hex').slice(0, 32);
      const folder = `${service}.${method}`.replace(/[^\w.-]/g, '_').slice(0, 80);
      const place = path.join(path.resolve(cacheDir), 'history', folder, digest);
      // Before the provider is asked: a source that changes meanwhile makes the result stale, not wrong.
      return { key: text, place, version: this.version(args, method), label: `${method} ${digest}` };
    } catch (error) {
      emitMemoryEvent('fallback', { service, key: method, reason: reasonOf(error) });
      return undefined;
    }
  }

  private version(args: Arguments, method: string): string {
    const { version, source } = this.options;
    const sources = source?.(args, method) ?? [];
    const stamps = (typeof sources === 'string' ? [sources] : sources).map((file) => sourceStamp(path.resolve(file)));
    return JSON.stringify([String(version?.(args, method) ?? ''), ...stamps]);
  }

  /** The kept result, when there is a fresh one. */
  serve(request: Request): { readonly result: unknown; readonly isAsync: boolean } | undefined {
    if (this.options.mode === 'verify') return undefined;
    const { service } = this.options;
    const { label } = request;
    try {
      const found = this.fresh(request, true);
      if (found === undefined) return undefined;
      const result = openKept(found, this.options.backend ?? 'auto');
      emitMemoryEvent('hit', { service, key: label, bytes: found.facts.fileBytes });
      return { result, isAsync: found.facts.isAsync };
    } catch (error) {
      emitMemoryEvent('corrupt', { service, key: label, error });
      return undefined;
    }
  }

  private fresh({ place, key, version, label }: Request, tell: boolean): Generation<KeptFacts> | undefined {
    const { ttlMs = Number.POSITIVE_INFINITY, service } = this.options;
    const found = findKept(place, key);
    const isExpired = found !== undefined && !(Date.now() - found.facts.createdMs < ttlMs);
    const reason = found === undefined ? 'absent' : found.facts.version !== version ? 'changed' : 'expired';
    if (reason !== 'expired' || isExpired) {
      if (tell) emitMemoryEvent('miss', { service, key: label, reason });
      return undefined;
    }
    return found;
  }

  private comparable(request: Request): Generation<KeptFacts> | undefined {
    try {
      return this.fresh(request, false);
    } catch (error) {
      emitMemoryEvent('corrupt', { service: this.options.service, key: request.label, error });
      return undefined;
    }
  }

  /** What the provider answered: kept, or compared with what is kept, and handed on. */
  take(request: Request, result: unknown, isAsync: boolean): unknown {
    const { mode, service, packed = false, level, algorithm, backend = 'auto' } = this.options;
    if (mode === 'read') return result;
    const { key, version, place, label } = request;
    try {
      let kept = mode === 'verify' ? this.comparable(request) : undefined;
      if (kept === undefined) {
        kept = keepResult(place, result, { key, version, isAsync }, { packed, level, algorithm });
        emitMemoryEvent('write', { service, key: label, ...sizesOf(kept.facts) });
      }
      if (mode === 'verify') {
        const difference = firstDifference(openKept(kept, backend), result, 'result');
        if (difference === undefined) emitMemoryEvent('verified', { service, key: label, ...sizesOf(kept.facts) });
        else emitMemoryEvent('difference', { service, key: label, reason: `${difference} differs from what was kept` });
      }
    } catch (error) {
      if (isAtcError(error, 'CORRUPT')) emitMemoryEvent('corrupt', { service, key: label, error });
      else emitMemoryEvent('fallback', { service, key: label, reason: reasonOf(error) });
    }
    return result;
  }
}

function sizesOf({ plainBytes, fileBytes }: KeptFacts) {
  return { bytesBefore: plainBytes, bytesAfter: fileBytes };
}

function reasonOf(error: unknown): string {
  return error instanceof Error || isAtcError(error) ? error.message : String(error);
}
