import { MediaswitchError } from "../core/errors.js";

/** What the addon tells by numbers one after the other, read in their order. */
export class EventNumbers {
  #numbers: Float64Array = new Float64Array();
  #texts: readonly string[] = [];
  #at = 0;
  #textAt = 0;
  #end = 0;

  /** Begins anew. `length` of the numbers count. */
  read(numbers: Float64Array, length: number, texts: readonly string[] = []): this {
    this.#numbers = numbers;
    this.#texts = texts;
    this.#at = 0;
    this.#textAt = 0;
    this.#end = length;
    return this;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  /** Behind the last one: NaN, as what nobody knows. */
  number(): number {
    const number = this.#numbers[this.#at];
    this.#at += 1;
    return number ?? Number.NaN;
  }

  /** Whole, mostly small: kept as an integer where it is one of 32 bits, which takes no memory of its own. */
  count(): number {
    const number = this.number();
    const small = number | 0;
    return small === number ? small : number;
  }

  /** One that nobody may know. */
  maybe(): number | null {
    const number = this.number();
    return Number.isNaN(number) ? null : number;
  }

  isTrue(): boolean {
    return this.number() !== 0;
  }

  text(): string {
    const text = this.#texts[this.#textAt];
    this.#textAt += 1;
    return text ?? "";
  }

  /** What is at the place that the number tells. */
  of<Name>(names: readonly Name[]): Name {
    const name = names[this.number()];
    if (name === undefined)
      throw new MediaswitchError("INTERNAL", "the addon told a number that has no name");
    return name;
  }

  /** Leaves out some. */
  skip(count: number): void {
    this.#at += count;
  }

  /** The next number is not known. */
  get isUnknown(): boolean {
    return Number.isNaN(this.#numbers[this.#at]);
  }
}
