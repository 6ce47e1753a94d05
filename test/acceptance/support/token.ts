import { randomBytes } from "node:crypto";

/** For tags, branches and Call-IDs. */
export const token = (): string => randomBytes(8).toString("hex");
