import { MEDIA_RULES } from "./media-rules.js";
import type { Rule } from "./rule.js";
import { SIGNALLING_RULES } from "./signalling-rules.js";

/** What can be wrong with a call, and what it looks like in its trace: one row for each. */
export const RULES: readonly Rule[] = [...SIGNALLING_RULES, ...MEDIA_RULES];
