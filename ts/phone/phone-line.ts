import type { Clock } from "../core/clock.js";
import type { Random } from "../core/random.js";
import type { DigestClient } from "../sip/auth/digest-client.js";
import type { CSeq, NameAddr, SipRequest, SipResponse } from "../sip/message/message.js";
import { makeResponse } from "../sip/message/response.js";
import type { ClientTransaction, TransactionLayer } from "../sip/transaction/transaction.js";
import type { Flow } from "../sip/transport/transport.js";

/** What all calls of a phone share. */
export interface PhoneLine {
  readonly layer: TransactionLayer;
  readonly clock: Clock;
  readonly random: Random;
  readonly digest: DigestClient;
  readonly contact: NameAddr;
  /** Where requests outside of dialogs go: the switch, or another proxy or registrar. */
  readonly server: Flow;
  readonly allow: readonly string[];
  readonly userAgent: string;
  /** Something came or went by: a call or the registration may be in another state now. */
  readonly changed: () => void;
}

/** Why the answer to a request was made up here: nothing came in time, or it could not be sent. */
export type LineFailure = "timeout" | "transport";

/** What becomes of a request. */
export interface Outcome {
  /** Also of each retransmission of a 2xx to INVITE; a 408 made up here, with its reason, where nothing came. */
  readonly final: (response: SipResponse, failure?: LineFailure) => void;
  readonly provisional?: (response: SipResponse) => void;
  /** Whether it is still worth while to answer a challenge; it is, unless given. */
  readonly isWanted?: () => boolean;
  /** It was sent again, with credentials and the next CSeq number. */
  readonly again?: (cseq: CSeq, transaction: ClientTransaction) => void;
}

/** Sends a request, and again with credentials where the switch asks for them (RFC 3261 §22.2). It changes its CSeq then. */
export function sendSigned(
  line: PhoneLine,
  request: SipRequest,
  to: Flow,
  outcome: Outcome,
): ClientTransaction {
  const digest = line.digest.begin();
  const send = (): ClientTransaction =>
    line.layer.request(digest.sign(request), to, {
      response: (response) => {
        const { status } = response;
        const isChallenge = status === 401 || status === 407;
        if (status < 200) outcome.provisional?.(response);
        else if (isChallenge && outcome.isWanted?.() !== false && digest.challenged(response)) {
          const { cseq } = request.headers;
          request.headers.cseq = { ...cseq, seq: cseq.seq + 1 };
          const again = send();
          outcome.again?.(request.headers.cseq, again);
        } else outcome.final(response);
        line.changed();
      },
      failed: (failure) => {
        outcome.final(makeResponse(request, 408), failure);
        line.changed();
      },
    });
  return send();
}
