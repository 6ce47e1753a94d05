import { MediaswitchError } from "../core/errors.js";

/** Something that the original has and this switch has not, as yet. */
export class NotSupportedYet extends MediaswitchError {
  constructor(what: string, field: string) {
    super("ARGUMENT_INVALID", `${field}: ${what} not supported yet`, field);
    this.name = "NotSupportedYet";
  }
}
