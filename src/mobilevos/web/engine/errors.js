/** A mistake that the user can mend: the name of a sentence in texts/en.js, and what is put in for {name} there. */
export class InputError extends Error {
  constructor(text, values = {}) {
    super(text);
    this.values = values;
  }
}
