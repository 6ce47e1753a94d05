import { hexToken, type Random } from "../core/random.js";
import { formatSocketAddress, type SocketAddress } from "../core/socket-address.js";
import type { NameAddr, OtherHeaders } from "./message/message.js";
import { makeResponse } from "./message/response.js";
import { sipAddress } from "./message/sip-address.js";
import { ownContact } from "./own-contact.js";
import type { RequestRefusal } from "./request-checks.js";
import type { ServerTransaction } from "./transaction/transaction.js";
import type { Flow, Transport } from "./transport/transport.js";

/** What the server says of itself in messages: its name, how it is reached, and answers that tell nothing else. */
export class OwnIdentity {
  /** User-Agent and Server. */
  readonly name: string;
  /** Headers on all our responses. */
  readonly headers: OtherHeaders;
  readonly #transport: Transport;
  readonly #random: Random;

  constructor(transport: Transport, random: Random, name = "mediaswitch") {
    this.#transport = transport;
    this.#random = random;
    this.name = name;
    this.headers = { Server: name };
  }

  /** Where we are where no flow says more. */
  get advertised(): SocketAddress {
    return this.#transport.advertised;
  }

  /** Our Contact. @param flow to or from the far end, where it is known. */
  contact(user: string, flow?: Flow, scheme?: "sip" | "sips"): NameAddr {
    if (flow !== undefined) return ownContact(this.#transport, user, flow, scheme);
    return { uri: sipAddress(user, formatSocketAddress(this.advertised)), params: {} };
  }

  /** Answers a request that makes no dialog. */
  refuse(transaction: ServerTransaction, { status, headers = {}, other, reason }: RequestRefusal): void {
    transaction.respond(
      makeResponse(transaction.request, status, {
        toTag: hexToken(this.#random, 8),
        headers,
        other: { ...this.headers, ...other },
        ...(reason === undefined ? {} : { reason }),
      }),
    );
  }
}
