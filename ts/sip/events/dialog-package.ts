import { seconds } from "../../core/brand.js";
import { ownCopy } from "../../core/own-copy.js";
import { binaryToText } from "../message/binary.js";
import { parseUri } from "../message/uri.js";
import type { Directory } from "../registrar/directory.js";
import type { CallInfo } from "../sip-service.js";
import { DIALOG_INFO_TYPE, dialogInfo, type DialogInfo, type DialogInfoState } from "./dialog-info.js";
import type { Changed, EventDocument, EventPackage, Told } from "./event-package.js";
import { resourceKey, resourceUri, type Resource } from "./resource.js";

/** What names a dialog (RFC 3261 §12): the local tag is ours. */
export interface DialogTags {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
}

interface LiveDialog extends DialogInfo {
  readonly party: Resource;
}

/** Dialogs of one user that are shown; further ones are left out. */
const MOST_SHOWN = 20;
/** Characters of a remote party's user and domain; longer ones are not shown. */
const LONGEST_REMOTE = 256;

/** What a user's phones are busy with (RFC 4235): the calls of this server with them. Keys with a lamp show it. */
export class DialogPackage implements EventPackage {
  readonly name = "dialog";
  readonly contentType = DIALOG_INFO_TYPE;
  readonly defaultExpires = 3600; // §3.4
  readonly minInterval = seconds(1); // §3.10
  readonly #directory: Pick<Directory, "find">;
  readonly #changed: Changed;
  /** Call-ID → its dialog. */
  readonly #calls = new Map<string, LiveDialog>();
  /** User → dialogs, the oldest first; at least one each. */
  readonly #users = new Map<string, readonly LiveDialog[]>();
  #ever = 0;

  constructor(directory: Pick<Directory, "find">, changed: Changed) {
    this.#directory = directory;
    this.#changed = changed;
  }

  /** Calls of users of ours. */
  get count(): number {
    return this.#calls.size;
  }

  /**
   * A call has begun, got on or ended.
   * @param party the user whose phone it is with.
   * @param tagsOf that dialog, as soon as there is one.
   */
  callChanged(info: CallInfo, party: Resource, tagsOf: () => DialogTags | undefined): void {
    const { callid } = info;
    const before = this.#calls.get(callid);
    const state = stateOf(info);
    if (before?.state === state) return;
    if (state === "terminated") {
      if (before === undefined) return;
      this.#calls.delete(callid);
      this.#set(before.party, (dialogs) => dialogs.filter((other) => other !== before));
    } else if (before !== undefined) {
      const now = { ...before, state, ...namesOf(tagsOf()) };
      this.#calls.set(callid, now);
      this.#set(before.party, (dialogs) => dialogs.map((other) => (other === before ? now : other)));
    } else if (this.#directory.find(party.domain, party.user) !== undefined) {
      this.#ever += 1;
      const now: LiveDialog = {
        id: String(this.#ever),
        state,
        direction: info.originator ? "recipient" : "initiator",
        remote: uriOf({ domain: info.domain, user: info.originator ? info.from : info.to }),
        party,
        ...namesOf(tagsOf()),
      };
      this.#calls.set(callid, now);
      this.#set(party, (dialogs) => [...dialogs, now]);
    }
  }

  document(resource: Resource, told: Told): EventDocument {
    const dialogs = (this.#users.get(resourceKey(resource)) ?? []).slice(0, MOST_SHOWN);
    const parts = dialogs.map(({ id }) => id);
    const over = told.parts.filter((id) => !parts.includes(id));
    return { content: dialogInfo(resource, told.documents, dialogs, over), parts };
  }

  forget(): void {
    // A user's calls outlast the directory's entry.
  }

  close(): void {
    this.#calls.clear();
    this.#users.clear();
  }

  #set(party: Resource, change: (dialogs: readonly LiveDialog[]) => readonly LiveDialog[]): void {
    const key = resourceKey(party);
    const dialogs = change(this.#users.get(key) ?? []);
    if (dialogs.length === 0) this.#users.delete(key);
    else this.#users.set(key, dialogs);
    this.#changed(party);
  }
}

/** From the phone's side: its own tag is the local one. Own copies, as what a phone sends keeps its message in memory. */
function namesOf(tags: DialogTags | undefined): Pick<LiveDialog, "callId" | "localTag" | "remoteTag"> {
  if (tags === undefined) return {};
  const { callId, localTag: ours, remoteTag: theirs } = tags;
  if (callId.length > LONGEST_REMOTE || theirs.length > LONGEST_REMOTE || theirs === "") return {};
  return { callId: ownCopy(binaryToText(callId)), localTag: ownCopy(binaryToText(theirs)), remoteTag: ours };
}

function stateOf({ hangup, answered, ring }: CallInfo): DialogInfoState {
  if (hangup) return "terminated";
  if (answered) return "confirmed";
  return ring ? "early" : "trying";
}

function uriOf(remote: Resource): string | undefined {
  const isHost = parseUri(`sip:${remote.domain}`)?.user === undefined;
  if (!isHost || remote.user.length + remote.domain.length > LONGEST_REMOTE) return undefined;
  return parseUri(`sip:${remote.domain}`) === undefined ? undefined : resourceUri(remote);
}
