import type { Millis } from "../../core/brand.js";
import type { EventName } from "../sip-service.js";
import type { Resource } from "./resource.js";

/** What a subscription was told so far, as far as its next document depends on it. Plain data. */
export interface Told {
  /** Documents sent: the version of the next. */
  readonly documents: number;
  /** Parts of the last document that were not over, by the package's own names. */
  readonly parts: readonly string[];
}

export interface EventDocument {
  /** A binary string (message/binary.ts). */
  readonly content: string;
  readonly parts: readonly string[];
}

/** What RFC 6665 §5.4 leaves to a package. */
export interface EventPackage {
  readonly name: EventName;
  /** Of the one format it has. */
  readonly contentType: string;
  /** Seconds, where a SUBSCRIBE asks for none. */
  readonly defaultExpires: number;
  /** Between a NOTIFY and the next that nobody asked for. */
  readonly minInterval: Millis;
  /** All of the state of `resource`, for a subscription that was told so much. */
  document(resource: Resource, told: Told): EventDocument;
  /** Forgets what it keeps of a user who is no more. */
  forget(resource: Resource): void;
}

/** Tells that the state of a resource is another now. */
export type Changed = (resource: Resource) => void;
