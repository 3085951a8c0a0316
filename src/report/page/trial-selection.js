/** The trial that is pointed at, in every chart of a study. */
import { element } from './dom.js';

export class TrialSelection {
  row;
  /** Shows the trial in words. */
  readout = element('p', { class: 'note readout', role: 'status' });
  #study;
  #listeners = [];
  #rank = -1;

  constructor(study) {
    this.#study = study;
    this.#show();
  }

  onChange(listener) {
    this.#listeners.push(listener);
  }

  select(row) {
    if (row === this.row) return;
    this.row = row;
    this.#show();
    for (const listener of this.#listeners) listener();
  }

  /** Arrow keys: the next better or worse one. */
  key(event) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const { ranked } = this.#study;
    this.#rank = Math.max(0, Math.min(this.#rank + step, ranked.length - 1));
    this.select(ranked[this.#rank]);
  }

  #show() {
    const best = this.#study.ranked[0];
    const shown = this.row ?? best;
    this.readout.textContent = `${this.#study.words(shown)}${shown === best ? ' (the best)' : ''}.`;
  }
}
