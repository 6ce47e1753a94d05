import { CallRecord } from "../dialog/call-record.js";
import { dialogRoute, type Dialog } from "../dialog/dialog.js";
import { InviteSession } from "../dialog/invite-session.js";
import { canResume } from "../dialog/stored-session.js";
import { routedUri } from "../locate/next-hop.js";
import type { Flow } from "../transport/transport.js";
import { NO_SECRET, sessionContext, type CallContext } from "./call-context.js";
import type { StoredCall } from "./call-table.js";

/** Calls that outlive what they came by: the process that had them, or the connection. */
export class OutlivedCalls {
  readonly #context: CallContext;

  constructor(context: CallContext) {
    this.#context = context;
  }

  /**
   * Takes up calls that another process had, as far as they were answered. One that no control is named for was that
   * process's own, and has ended with it: the far end is told so.
   */
  resume(stored: readonly StoredCall[]): void {
    const { calls, options } = this.#context;
    const answered = stored.filter(({ session }) => canResume(session) && !calls.has(session.info.callid));
    for (const call of answered) {
      const { info, localTag, contact } = call.session;
      const facts = { callid: info.callid, user: "", authorize: NO_SECRET };
      const context = sessionContext(this.#context, facts);
      const record = CallRecord.resumed(options.clock, info);
      const session = InviteSession.resumed({ ...context, localTag, contact }, record, call.session);
      calls.resume(session, call);
      const { nextHop } = call.session.dialog ?? {};
      const located = nextHop === undefined ? Promise.resolve() : this.connectionClosed(nextHop);
      if (call.control !== undefined) continue;
      void located.then(() => {
        session.hangup(503, "Server restarted");
      });
    }
  }

  /**
   * A connection has ended that only its maker can make again: what we send in the dialogs that went by it goes where
   * their route set or remote target says (RFC 3261 §12.2.1.1), by a connection of our own.
   * @returns settles when that has been looked up; never rejects.
   */
  async connectionClosed({ connection, made }: Flow): Promise<void> {
    if (connection === undefined || made === true) return;
    const dialogs = this.#context.calls.dialogsBy(connection);
    await Promise.all(dialogs.map((dialog) => this.#relocate(dialog, connection)));
  }

  async #relocate(dialog: Dialog, connection: number): Promise<void> {
    try {
      const [flow] = await this.#context.routing.flows(routedUri(dialogRoute(dialog)));
      // The far end may have come back meanwhile.
      if (flow !== undefined && dialog.nextHop.connection === connection) dialog.nextHop = flow;
    } catch (error) {
      const { callId: callid } = dialog;
      this.#context.options.log.debug({ callid, error: String(error) }, "the far end can't be reached anew");
    }
  }
}
