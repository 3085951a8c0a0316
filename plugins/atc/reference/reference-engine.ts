import type { AtcEngine, LayerRows } from '../engine.js';
import { ATC_FAMILIES } from '../families.js';
import type { ResolvedAtcParameters } from '../parameters.js';
import { fieldsOf, putFields } from './fields.js';
import { ReferenceStream } from './reference-stream.js';

export class ReferenceEngine implements AtcEngine {
  private readonly stream: ReferenceStream;

  constructor(parameters: ResolvedAtcParameters) {
    this.stream = new ReferenceStream(parameters);
  }

  save(): unknown {
    return fieldsOf(this.stream);
  }

  /** The number of bars is among the fields. */
  resume(saved: unknown): boolean {
    return putFields(this.stream, saved);
  }

  run(closes: Float64Array, signals: Float64Array, layers?: LayerRows): void {
    for (let bar = 0; bar < closes.length; bar++) {
      signals[bar] = this.stream.next(closes[bar]);
      if (layers === undefined) continue;
      for (const [index, family] of ATC_FAMILIES.entries()) {
        layers.layer1[family][bar] = this.stream.signals[index];
        layers.layer2[family][bar] = this.stream.equities[index];
      }
    }
  }
}
