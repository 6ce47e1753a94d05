import { textToBinary } from "../message/binary.js";
import type { PresenceStatus } from "../sip-service.js";
import { resourceUri, type Resource } from "./resource.js";
import { xmlDocument } from "./xml-element.js";

export const PIDF_TYPE = "application/pidf+xml";

export interface Presence {
  readonly status: PresenceStatus;
  /** Text for people. */
  readonly note?: string;
}

/** A presence document (RFC 3863 §4.1) with one tuple, as a binary string. */
export function pidf(resource: Resource, { status, note }: Presence): string {
  const uri = resourceUri(resource);
  const document = xmlDocument({
    name: "presence",
    attributes: { xmlns: "urn:ietf:params:xml:ns:pidf", entity: uri.replace(/^sip:/, "pres:") },
    content: [
      {
        name: "tuple",
        attributes: { id: "t1" },
        content: [
          { name: "status", content: [{ name: "basic", content: status }] },
          { name: "contact", content: uri },
          ...(note === undefined ? [] : [{ name: "note", content: note }]),
        ],
      },
    ],
  });
  return textToBinary(document);
}
