import { seconds } from "../../core/brand.js";
import type { PublishedStates } from "./event-state-compositor.js";
import type { Changed, EventDocument, EventPackage } from "./event-package.js";
import { pidf, PIDF_TYPE, type Presence } from "./pidf.js";
import { resourceKey, type Resource } from "./resource.js";

export interface PresenceSources {
  readonly published: PublishedStates;
  /** Can the user be reached now? */
  readonly isRegistered: (resource: Resource) => boolean;
  readonly changed: Changed;
}

/**
 * Presence (RFC 3856). What is told of a user is what control has set; else the document that was published last; else
 * whether a phone of the user is registered.
 */
export class PresencePackage implements EventPackage {
  readonly name = "presence";
  readonly contentType = PIDF_TYPE;
  readonly defaultExpires = 3600; // §6.4
  readonly minInterval = seconds(5); // §6.10
  readonly #sources: PresenceSources;
  /** Set by control; users of the directory only. */
  readonly #set = new Map<string, Presence>();

  constructor(sources: PresenceSources) {
    this.#sources = sources;
  }

  /** @param presence undefined takes back what was set. */
  set(resource: Resource, presence: Presence | undefined): void {
    if (presence === undefined) this.#set.delete(resourceKey(resource));
    else this.#set.set(resourceKey(resource), presence);
    this.#sources.changed(resource);
  }

  document(resource: Resource): EventDocument {
    const { published, isRegistered } = this.#sources;
    const set = this.#set.get(resourceKey(resource));
    const content =
      (set === undefined ? published(resource) : undefined) ??
      pidf(resource, set ?? { status: isRegistered(resource) ? "open" : "closed" });
    return { content, parts: [] };
  }

  forget(resource: Resource): void {
    this.#set.delete(resourceKey(resource));
  }
}
