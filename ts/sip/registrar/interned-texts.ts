import { ownCopy } from "../../core/own-copy.js";

/** Different texts that are remembered; the one first seen is forgotten for a new one. */
const REMEMBERED = 1000;

/** One copy of each text that many bindings have in common, such as the name of a phone's make. */
export class InternedTexts {
  readonly #known = new Map<string, string>();

  of(text: string): string {
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const own = ownCopy(text);
    this.#known.set(own, own);
    if (this.#known.size > REMEMBERED) this.#forgetFirst();
    return own;
  }

  #forgetFirst(): void {
    for (const text of this.#known.keys()) {
      this.#known.delete(text);
      return;
    }
  }
}
