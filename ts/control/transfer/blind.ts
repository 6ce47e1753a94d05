import type { CallRefer } from "../../sip/sip-service.js";
import type { Call } from "../call.js";
import type { Desk } from "../desk.js";
import { processCall } from "../notify.js";
import { playMusic } from "./music.js";
import { isolate } from "./partners.js";
import { Transfer } from "./transfer.js";

/**
 * Blind transfer (RFC 5589 §6): the transferee is a new call for the script, with the target as its destination. What
 * the script had set on it before is gone: it was meant for another conversation.
 */
export async function blindTransfer(
  desk: Desk,
  transferor: Call,
  transferee: Call,
  refer: CallRefer,
): Promise<void> {
  new Transfer(desk, { transferor, transferee });
  transferor.history = "Blind xfer";
  transferee.history = `Blind xfer to ${refer.to}`;
  transferee.clearcallbacks();
  for (const list of Object.values(transferee.joins)) list.clear();
  transferee.rivals = [];
  transferee.info = { ...transferee.info, refer };
  const { to, referredby } = refer;
  transferee.standsFor = {
    to,
    from: farUser(transferee),
    ...(referredby !== undefined && { referredBy: referredby }),
  };
  await transferee.tasks.run(async () => {
    await isolate(desk, transferee);
    await playMusic(desk, { to: transferee, of: transferor });
  });
  if (transferee.isOver || transferee.referral?.isOver !== false) return;
  transferee.tell({ type: "referred", to: refer.to, domain: refer.domain, by: transferor.callid });
  processCall(desk, transferee);
}

/** Who is at the far end of a leg. */
const farUser = ({ info, originator }: Call): string => (originator ? info.to : info.from);
