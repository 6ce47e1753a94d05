import { textToBinary } from "../message/binary.js";
import { resourceUri, type Resource } from "./resource.js";
import { xmlDocument, type XmlElement } from "./xml-element.js";

export const DIALOG_INFO_TYPE = "application/dialog-info+xml";

/** RFC 4235 §3.7.1, but for `proceeding`: what it adds to `trying` nobody here can tell. */
export type DialogInfoState = "trying" | "early" | "confirmed" | "terminated";

/** One dialog of a user with this server, from the user's side. */
export interface DialogInfo {
  /** Never given twice while the server runs. */
  readonly id: string;
  readonly state: DialogInfoState;
  /** Initiator: the user's phone called. */
  readonly direction: "initiator" | "recipient";
  /**
   * What names it for a Replaces header (RFC 4235 §4.1.1, RFC 3891), so that a watcher can pick it up: of a phone that has
   * answered nothing yet there is no tag.
   */
  readonly callId?: string;
  /** The phone's. */
  readonly localTag?: string;
  readonly remoteTag?: string;
  /** URI of whom the user speaks with, where it can be shown. */
  readonly remote: string | undefined;
}

/**
 * A dialog-info document with full state (RFC 4235 §4.1), as a binary string.
 * @param over ids of dialogs that were shown before and are no more.
 */
export function dialogInfo(
  entity: Resource,
  version: number,
  dialogs: readonly DialogInfo[],
  over: readonly string[],
): string {
  const document = xmlDocument({
    name: "dialog-info",
    attributes: {
      xmlns: "urn:ietf:params:xml:ns:dialog-info",
      version: String(version),
      state: "full",
      entity: resourceUri(entity),
    },
    content: [
      ...dialogs.map(dialogElement),
      ...over.map((id): XmlElement => ({
        name: "dialog",
        attributes: { id },
        content: [{ name: "state", content: "terminated" }],
      })),
    ],
  });
  return textToBinary(document);
}

function dialogElement(dialog: DialogInfo): XmlElement {
  const { id, state, direction, remote, callId, localTag, remoteTag } = dialog;
  const shown: XmlElement[] =
    remote === undefined
      ? []
      : [
          {
            name: "remote",
            content: [
              { name: "identity", content: remote },
              { name: "target", attributes: { uri: remote } },
            ],
          },
        ];
  return {
    name: "dialog",
    attributes: { id, "call-id": callId, "local-tag": localTag, "remote-tag": remoteTag, direction },
    content: [{ name: "state", content: state }, ...shown],
  };
}
