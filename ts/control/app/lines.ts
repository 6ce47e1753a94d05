import type { Call } from "../call.js";
import type { Desk } from "../desk.js";
import { Line, type LineBook, type LineHome, type LineSettings } from "./line.js";

/** The lines of one desk: a call has one, made when it is first asked for. */
class DeskLines implements LineBook {
  readonly #desk: Desk;
  readonly #lines = new WeakMap<Call, Line>();

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  of(call: Call): Line {
    const known = this.#lines.get(call);
    if (known !== undefined) return known;
    const line = new Line(this.#desk, this, call);
    this.#lines.set(call, line);
    return line;
  }

  move(line: Line, former: Call, call: Call): Line | undefined {
    const before = this.#lines.get(call);
    if (this.#lines.get(former) === line) this.#lines.delete(former);
    this.#lines.set(call, line);
    return before;
  }
}

/** Shared by all who ask, so that what one has joined another can part. */
const ofDesk = new WeakMap<Desk, DeskLines>();

function linesOf(desk: Desk): DeskLines {
  const known = ofDesk.get(desk);
  if (known !== undefined) return known;
  const lines = new DeskLines(desk);
  ofDesk.set(desk, lines);
  return lines;
}

/** The lines of one controller, as one of those sees them who have rules of their own. */
export class Lines implements LineHome {
  readonly desk: Desk;
  readonly settings: LineSettings;

  constructor(desk: Desk, settings: LineSettings) {
    this.desk = desk;
    this.settings = settings;
  }

  of(call: Call): Line {
    return linesOf(this.desk).of(call);
  }
}
