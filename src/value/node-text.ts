/** The text of a structure (nodes.ts): JSON and tagged nodes. */
import { JsonText } from './json-text.js';
import { TAG } from './nodes.js';

const NODE_START = `{"${TAG}":[`;
const NODE_END = ']}';
const COMMA = 0x2c;
const COLON = 0x3a;

export class NodeText extends JsonText {
  #hasNodes = false;

  /** False as long as the text is what `JSON.stringify` makes of the value. */
  get hasNodes(): boolean {
    return this.#hasNodes;
  }

  comma(): void {
    this.byte(COMMA);
  }

  key(name: string): void {
    this.string(name);
    this.byte(COLON);
  }

  /** Begins a tagged node; its parts follow, each after a comma. */
  begin(tag: string): void {
    this.#hasNodes = true;
    this.raw(NODE_START);
    this.string(tag);
  }

  end(): void {
    this.raw(NODE_END);
  }

  /** A whole node. */
  node(tag: string, ...parts: readonly (string | number | null)[]): void {
    this.begin(tag);
    for (const part of parts) this.part(part);
    this.end();
  }

  /** The next part of a node. */
  part(part: string | number | null): void {
    this.comma();
    if (typeof part === 'string') this.string(part);
    else if (part === null) this.raw('null');
    else this.number(part);
  }

  strings(texts: readonly string[]): void {
    this.raw('[');
    for (let i = 0; i < texts.length; i++) {
      if (i > 0) this.comma();
      this.string(texts[i]);
    }
    this.raw(']');
  }
}
