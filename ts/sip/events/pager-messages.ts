import { MediaswitchError } from "../../core/errors.js";
import { hexToken, uuid } from "../../core/random.js";
import type { Caller } from "../caller.js";
import { binaryToText, textToBinary } from "../message/binary.js";
import type { Headers, OtherHeaders, SipRequest } from "../message/message.js";
import { LocatedRequest } from "../locate/located-request.js";
import type { Locator } from "../locate/locator.js";
import { sipAddress } from "../message/sip-address.js";
import type { Binding } from "../registrar/bindings.js";
import type { Directory } from "../registrar/directory.js";
import { domainName } from "../registrar/domain-name.js";
import type { MessageInfo, MessageOutcome, MessageRequest } from "../sip-service.js";
import type { ServerTransaction } from "../transaction/transaction.js";
import { answer, type EventContext } from "./event-context.js";
import { RETRY_AFTER } from "./event-limits.js";
import { MessageDelivery, type DeliveryOutcome } from "./message-delivery.js";
import { resourceOf, resourceUri, type Resource } from "./resource.js";

export interface PagerMessagesOptions {
  readonly context: EventContext;
  readonly bindings: (resource: Resource) => readonly Binding[];
  /** Finds the servers of other domains; without it no message goes there. */
  readonly locator?: Locator | undefined;
  /** Offers control a message that no phone can be given; rejected when it was not taken. */
  readonly offer: (message: MessageInfo) => Promise<void>;
}

const MAX_FORWARDS = 70;
const PLAIN_TEXT = "text/plain";

/** Messages outside of dialogs (RFC 3428), from phones and from control, to phones and to control. */
export class PagerMessages {
  readonly #context: EventContext;
  readonly #bindings: PagerMessagesOptions["bindings"];
  readonly #offer: PagerMessagesOptions["offer"];
  readonly #locator: Locator | undefined;
  readonly #deliveries = new Set<MessageDelivery>();
  readonly #closing = new AbortController();
  /** On their way to other domains. */
  #outgoing = 0;
  #offered = 0;

  constructor({ context, bindings, offer, locator }: PagerMessagesOptions) {
    this.#context = context;
    this.#bindings = bindings;
    this.#offer = offer;
    this.#locator = locator;
  }

  /** Messages that are on their way, to phones, other domains or control. */
  get count(): number {
    return this.#deliveries.size + this.#outgoing + this.#offered;
  }

  /** A MESSAGE that is known to come from `caller`. */
  receive(transaction: ServerTransaction, caller: Caller): void {
    const { request } = transaction;
    const { directory, limits, random } = this.#context;
    const forwards = request.headers["max-forwards"] ?? MAX_FORWARDS;
    const resource = resourceOf(request.uri, caller, directory);
    if (forwards === 0) this.#refuse(transaction, 483);
    else if (request.content.length > limits.messageOctets) this.#refuse(transaction, 413);
    else if (request.content !== "" && request.headers["content-type"] === undefined) {
      answer(this.#context, transaction, 400, { reason: "Missing Content-Type" });
    } else if (!mayWrite(caller, resource, directory)) {
      this.#refuse(transaction, 403);
    } else if (this.count >= limits.messages) {
      this.#refuse(transaction, 503, { "retry-after": RETRY_AFTER });
    } else {
      const isKnown = directory.find(resource.domain, resource.user) !== undefined;
      const bindings = this.#bindings(resource);
      if (!isKnown || bindings.length === 0) {
        this.#offerToControl(transaction, caller, resource, { otherwise: isKnown ? 480 : 404 });
        return;
      }
      const message = messageTo(resource, {
        from: { user: caller.username, domain: caller.domain },
        name: request.headers.from.name,
        headers: contentHeaders(request.headers),
        other: otherContentHeaders(request.other),
        content: request.content,
        forwards: forwards - 1,
        callId: uuid(random),
        tag: hexToken(random, 8),
      });
      this.#deliver(message, bindings, ({ status, reason }) => {
        answer(this.#context, transaction, status, { reason });
      });
    }
  }

  /**
   * A message of control's.
   * @returns what became of it: 200 once a phone has it.
   * @throws {MediaswitchError} ARGUMENT_INVALID, USER_UNKNOWN, USER_NOT_REGISTERED, DESTINATION_UNREACHABLE,
   * SIP_UNAVAILABLE: then nothing was sent.
   */
  async send({ from, to, content, contentType = PLAIN_TEXT }: MessageRequest): Promise<MessageOutcome> {
    const { directory, limits, random } = this.#context;
    const domain = domainName(to.domain ?? from.domain);
    const body = textToBinary(content);
    checkContent(body, contentType, limits.messageOctets);
    const isOurs = directory.has(domain);
    const resource = { domain, user: to.user };
    const bindings = isOurs ? this.#bindings(resource) : [];
    if (isOurs && directory.find(domain, to.user) === undefined) {
      throw new MediaswitchError("USER_UNKNOWN", `the directory has no user ${to.user}@${domain}`, "to.user");
    }
    if (isOurs && bindings.length === 0) {
      throw new MediaswitchError("USER_NOT_REGISTERED", `${to.user}@${domain} is not registered`, "to.user");
    }
    if (this.count >= limits.messages) {
      throw new MediaswitchError("SIP_UNAVAILABLE", "too many messages are on their way");
    }
    const message = messageTo(resource, {
      from,
      name: from.name === undefined ? undefined : textToBinary(from.name),
      headers: { "content-type": contentType },
      other: {},
      content: body,
      forwards: MAX_FORWARDS,
      callId: uuid(random),
      tag: hexToken(random, 8),
    });
    if (!isOurs) return this.#sendElsewhere(message, domain);
    return new Promise((resolve) => {
      this.#deliver(message, bindings, ({ status }) => {
        resolve({ status });
      });
    });
  }

  /** Forgets all, without a word. */
  close(): void {
    this.#closing.abort();
    for (const delivery of this.#deliveries) delivery.abandon();
    this.#deliveries.clear();
  }

  /** To the servers of another domain (RFC 3263). Who asks for a password there gets none. */
  async #sendElsewhere(message: SipRequest, domain: string): Promise<MessageOutcome> {
    const locator = this.#locator;
    if (locator === undefined) throw unreachable(`${domain} is no domain of ours`);
    this.#outgoing += 1;
    try {
      const context = { layer: this.#context.layer, locator };
      const outcome = await new LocatedRequest(message, context, { signal: this.#closing.signal }).send();
      if (outcome.kind === "failed" && outcome.why === "not found") throw unreachable(outcome.reason);
      const { status } = outcome.kind === "answered" ? outcome.response : outcome;
      if (status < 300) return { status: 200 };
      return { status: [401, 407, 408].includes(status) ? 480 : status };
    } finally {
      this.#outgoing -= 1;
    }
  }

  #deliver(
    message: SipRequest,
    bindings: readonly Binding[],
    done: (outcome: DeliveryOutcome) => void,
  ): void {
    const delivery = new MessageDelivery(this.#context, (outcome) => {
      this.#deliveries.delete(delivery);
      done(outcome);
    });
    this.#deliveries.add(delivery);
    delivery.start(message, bindings);
  }

  /** 202: taken, to be passed on in some way or another (RFC 3428 §7). */
  #offerToControl(
    transaction: ServerTransaction,
    caller: Caller,
    to: Resource,
    { otherwise }: { otherwise: number },
  ): void {
    const { request } = transaction;
    this.#offered += 1;
    this.#offer({
      ...to,
      callid: request.headers["call-id"],
      from: `${caller.username}@${caller.domain}`,
      contentType: binaryToText(request.headers["content-type"] ?? PLAIN_TEXT),
      content: binaryToText(request.content),
    }).then(
      () => {
        this.#offered -= 1;
        this.#refuse(transaction, 202);
      },
      (error: unknown) => {
        this.#offered -= 1;
        const isControls = error instanceof MediaswitchError && error.code !== "CONTROL_UNAVAILABLE";
        this.#refuse(transaction, isControls ? error.sipStatus : otherwise);
      },
    );
  }

  #refuse(transaction: ServerTransaction, status: number, headers: Partial<Headers> = {}): void {
    answer(this.#context, transaction, status, { headers });
  }
}

/** Users write to users of their own domain; trunks and trusted servers, who are users of no domain here, to all of ours. */
function mayWrite(caller: Caller, to: Resource, directory: Pick<Directory, "has">): boolean {
  if (directory.has(caller.domain)) return domainName(caller.domain) === to.domain;
  return caller.trusted === true && directory.has(to.domain);
}

const unreachable = (why: string): MediaswitchError =>
  new MediaswitchError("DESTINATION_UNREACHABLE", why, "to.domain");

interface MessageParts {
  readonly from: Resource;
  readonly name: string | undefined;
  readonly headers: Partial<Headers>;
  readonly other: OtherHeaders;
  /** A binary string. */
  readonly content: string;
  readonly forwards: number;
  readonly callId: string;
  readonly tag: string;
}

/** A MESSAGE of our own (§4): no Contact, as it makes no dialog. Where it goes stands in each binding. */
function messageTo(to: Resource, parts: MessageParts): SipRequest {
  const uri = resourceUri(to);
  const { user, domain } = parts.from;
  return {
    kind: "request",
    version: "2.0",
    method: "MESSAGE",
    uri,
    headers: {
      via: [],
      from: {
        uri: sipAddress(user, domain),
        params: { tag: parts.tag },
        ...(parts.name === undefined ? {} : { name: parts.name }),
      },
      to: { uri, params: {} },
      "call-id": parts.callId,
      cseq: { seq: 1, method: "MESSAGE" },
      "max-forwards": parts.forwards,
      ...parts.headers,
    },
    other: parts.other,
    content: parts.content,
  };
}

/** What belongs to the body and goes along with it. */
function contentHeaders(headers: Headers): Partial<Headers> {
  const kept: Partial<Headers> = {};
  for (const name of ["content-type", "date"] as const) {
    const value = headers[name];
    if (value !== undefined) kept[name] = value;
  }
  if (headers["content-encoding"] !== undefined) kept["content-encoding"] = headers["content-encoding"];
  if (headers["content-disposition"] !== undefined) {
    kept["content-disposition"] = headers["content-disposition"];
  }
  return kept;
}

function otherContentHeaders(other: OtherHeaders): OtherHeaders {
  const kept: OtherHeaders = {};
  for (const name of ["content-language", "subject"]) {
    const value = other[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

function checkContent(body: string, contentType: string, limit: number): void {
  if (body.length > limit) {
    throw new MediaswitchError(
      "ARGUMENT_INVALID",
      `content is longer than ${String(limit)} octets`,
      "content",
    );
  }
  if (!/^[!-~]+\/[ -~]+$/.test(contentType)) {
    throw new MediaswitchError("ARGUMENT_INVALID", "contentType must be a media type", "contentType");
  }
}
