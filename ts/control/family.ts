import { MediaswitchError } from "../core/errors.js";
import type { Call } from "./call.js";
import type { Desk } from "./desk.js";

/**
 * Makes `child` a child of `parent`, of nobody else from now on: hang-ups follow. A parent that is over takes the child
 * with it; a child that is over is left as it is.
 */
export function link(desk: Desk, parent: Call, child: Call | false): void {
  if (child === false || child.isOver) return;
  if (child === parent) {
    throw new MediaswitchError("ARGUMENT_INVALID", "a call can't be its own child", "other");
  }
  // A family has one direction: where the child was the parent, it is so no more.
  if (parent.metadata.family.parent === child) leaveParent(parent);
  leaveParent(child);
  child.metadata.family.parent = parent;
  parent.metadata.family.children.push(child);
  parent.history = "Link";
  child.history = "Link";
  if (parent.isOver) void desk.feed(child, "hangup");
}

/** Parent and children know the call no more, and it knows none of them; all of them go on. */
export function unlink(call: Call): void {
  const { family } = call.metadata;
  leaveParent(call);
  for (const child of family.children) {
    if (child.metadata.family.parent === call) delete child.metadata.family.parent;
    child.history = "Unlink";
  }
  family.children = [];
  call.history = "Unlink";
}

/** Takes the call out of its parent's children; the parent goes on. */
function leaveParent(call: Call): void {
  const { parent } = call.metadata.family;
  if (parent === undefined) return;
  const { family } = parent.metadata;
  family.children = family.children.filter((child) => child !== call);
  delete call.metadata.family.parent;
}
