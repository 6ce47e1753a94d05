import { seconds } from "../../core/brand.js";
import { textToBinary } from "../message/binary.js";
import { oneLine } from "../message/one-line.js";
import type { Mailbox } from "../sip-service.js";
import type { Changed, EventDocument, EventPackage } from "./event-package.js";
import { resourceKey, resourceUri, type Resource } from "./resource.js";

const NO_MESSAGES: Mailbox = { new: 0, old: 0 };

/** How many messages wait for a user (RFC 3842), as control has said last. */
export class MessageSummaryPackage implements EventPackage {
  readonly name = "message-summary";
  readonly contentType = "application/simple-message-summary";
  readonly defaultExpires = 3600; // §3.4
  readonly minInterval = seconds(1); // §3.9
  readonly #changed: Changed;
  /** Users of the directory only. */
  readonly #mailboxes = new Map<string, Mailbox>();

  constructor(changed: Changed) {
    this.#changed = changed;
  }

  set(resource: Resource, mailbox: Mailbox): void {
    this.#mailboxes.set(resourceKey(resource), mailbox);
    this.#changed(resource);
  }

  document(resource: Resource): EventDocument {
    return {
      content: messageSummary(resource, this.#mailboxes.get(resourceKey(resource)) ?? NO_MESSAGES),
      parts: [],
    };
  }

  forget(resource: Resource): void {
    this.#mailboxes.delete(resourceKey(resource));
  }
}

/** RFC 3842 §5.2. Urgent ones are counted among the others, too. */
function messageSummary(resource: Resource, mailbox: Mailbox): string {
  const { account, new: fresh, old, urgentNew = 0, urgentOld = 0 } = mailbox;
  const counts = `${String(fresh)}/${String(old)} (${String(urgentNew)}/${String(urgentOld)})`;
  return [
    `Messages-Waiting: ${fresh > 0 ? "yes" : "no"}`,
    `Message-Account: ${account === undefined ? resourceUri(resource) : oneLine(textToBinary(account))}`,
    `Voice-Message: ${counts}`,
    "",
  ].join("\r\n");
}
