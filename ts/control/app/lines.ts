import type { Call } from "../call.js";
import type { Desk } from "../desk.js";
import { Line, type LineHome, type LineSettings } from "./line.js";

/** The lines of one controller: a call has one, made when it is first asked for. */
export class Lines implements LineHome {
  readonly desk: Desk;
  readonly settings: LineSettings;
  readonly #lines = new WeakMap<Call, Line>();

  constructor(desk: Desk, settings: LineSettings) {
    this.desk = desk;
    this.settings = settings;
  }

  of(call: Call): Line {
    const known = this.#lines.get(call);
    if (known !== undefined) return known;
    const line = new Line(this, call);
    this.#lines.set(call, line);
    return line;
  }
}
