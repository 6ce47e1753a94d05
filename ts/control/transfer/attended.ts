import type { Call } from "../call.js";
import type { Desk } from "../desk.js";
import { link } from "../family.js";
import { playMusic } from "./music.js";
import { notifyTransferor } from "./notify-transferor.js";
import { converse, isolate, separate } from "./partners.js";
import { takeOver } from "./take-over.js";
import { Transfer } from "./transfer.js";

/** The two legs of who transfers: the one that received the REFER, and the one that its Replaces names. */
export interface TransferorLegs {
  readonly transferor: Call;
  readonly consultation: Call;
}

/**
 * Four legs, all answered: the two far ones are joined, at once, and the transferor's two are ended (RFC 5589 §7).
 * @param far the partners of `transferor` and of `consultation`, in this order.
 */
export async function joinFarLegs(
  desk: Desk,
  { transferor, consultation }: TransferorLegs,
  far: readonly [Call, Call],
): Promise<void> {
  const [own, other] = far;
  separate(transferor, own);
  separate(consultation, other);
  link(desk, other, own);
  note("Attended xfer - 4 leg", transferor, consultation, own, other);
  own.tell({ type: "partner", callid: other.callid });
  other.tell({ type: "partner", callid: own.callid });
  // Each of them may be busy with a hold: what was asked for before happens before.
  await Promise.all([own.tasks.run(() => isolate(desk, own)), other.tasks.run(() => isolate(desk, other))]);
  await converse(desk, own, other);
  await finishAttended(desk, { transferor, consultation });
}

/** The target still rings: it rings for the transferee from now on. */
export async function transferToRinging(
  desk: Desk,
  { transferor, consultation }: TransferorLegs,
  { transferee, target }: { readonly transferee: Call; readonly target: Call },
): Promise<void> {
  const isOfTransferor = transferor.others.includes(transferee);
  const [partner, spare] = isOfTransferor ? [transferor, consultation] : [consultation, transferor];
  const transfer = new Transfer(desk, { transferor, partner, spare, transferee });
  link(desk, transferee, target);
  note("Attended xfer - ringing", transferor, consultation, transferee, target);
  transfer.take("rung");
  await transferee.tasks.run(async () => {
    await isolate(desk, transferee);
    await playMusic(desk, { to: transferee, of: partner });
  });
}

/**
 * Three legs: `application` is the one of the transferor's that talks to the switch itself: a conference, a queue, a prompt.
 * The far leg of the other one gets that place (RFC 5589 §7 with ourselves as the target).
 */
export async function transferToApplication(
  desk: Desk,
  { transferor, consultation }: TransferorLegs,
  { application, far }: { readonly application: Call; readonly far: Call },
): Promise<void> {
  const own = application === transferor ? consultation : transferor;
  note("Attended xfer - 3 leg", transferor, consultation, far);
  const parent = separate(own, far);
  await far.tasks.run(() => isolate(desk, far));
  const status = await takeOver(desk, far, application);
  if (status.code < 300) {
    await finishAttended(desk, { transferor, consultation });
    return;
  }
  await notifyTransferor(desk, transferor, status);
  if (far.isOver || own.isOver) {
    void desk.feed(far, "hangup");
    void desk.feed(own, "hangup");
    return;
  }
  link(desk, parent, parent === own ? far : own);
  await far.tasks.run(() => converse(desk, far, own));
}

/** The far legs have each other. */
async function finishAttended(desk: Desk, { transferor, consultation }: TransferorLegs): Promise<void> {
  await notifyTransferor(desk, transferor, { code: 200 });
  void desk.feed(consultation, "hangup");
  void desk.feed(transferor, "hangup");
}

function note(what: string, ...calls: readonly Call[]): void {
  for (const call of calls) call.history = what;
}
