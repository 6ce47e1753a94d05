/** SIP and media sides that keep as good as no books, so that what is measured is control's. */
import type { Command, EventSink } from "../../ts/core/service.js";
import type { MediaCommands, MediaEvent, MediaService } from "../../ts/rtp/media-service.js";
import type { CallInfo, DialogCause, SipCommands, SipEvent, SipService } from "../../ts/sip/sip-service.js";

const CHANNELS = { active: 0, available: 1_000_000, draining: false };

export class QuietMedia implements MediaService {
  commands = 0;
  #channels = 0;
  #open = 0;

  get open(): number {
    return this.#open;
  }

  attach(_sink: EventSink<MediaEvent>): void {
    // Nothing happens to these channels.
  }

  execute<Type extends keyof MediaCommands>(
    command: Command<MediaCommands, Type>,
  ): Promise<MediaCommands[Type]["result"]> {
    this.commands += 1;
    return Promise.resolve(this.#answer(command.type) as MediaCommands[Type]["result"]);
  }

  #answer(type: keyof MediaCommands): object {
    if (type === "close") this.#open -= 1;
    if (type !== "open") return { channels: CHANNELS };
    this.#open += 1;
    this.#channels += 1;
    const uuid = `00000000-0000-4000-8000-${String(this.#channels).padStart(12, "0")}`;
    return { uuid, ip: "192.0.2.100", port: 10_000 + 2 * (this.#channels % 25_000), channels: CHANNELS };
  }
}

export class QuietSip implements SipService {
  commands = 0;
  /** Call-ids of calls that were made since somebody asked. */
  placed: string[] = [];
  /** Those that were hung up. */
  hungUp: string[] = [];
  #sink: EventSink<SipEvent> = () => Promise.resolve();

  attach(sink: EventSink<SipEvent>): void {
    this.#sink = sink;
  }

  execute<Type extends keyof SipCommands>(
    command: Command<SipCommands, Type>,
  ): Promise<SipCommands[Type]["result"]> {
    this.commands += 1;
    return Promise.resolve(this.#answer(command as Command<SipCommands>) as SipCommands[Type]["result"]);
  }

  #answer(command: Command<SipCommands>): object {
    if (command.type === "dialog.hangup") this.hungUp.push(command.callid);
    if (command.type !== "dialog.invite") return {};
    const { callid = "" } = command.request;
    this.placed.push(callid);
    return { callid };
  }

  tell(number: number, cause: DialogCause, info: CallInfo): Promise<void> {
    return this.#sink({ type: "dialog", number, cause, info });
  }
}

const SDP = (address: string): string =>
  [
    "v=0",
    `o=- 3868331676 3868331676 IN IP4 ${address}`,
    "s=-",
    `c=IN IP4 ${address}`,
    "t=0 0",
    "m=audio 4000 RTP/AVP 8 101",
    "a=rtpmap:8 PCMA/8000",
    "a=rtpmap:101 telephone-event/8000",
    "a=fmtp:101 0-16",
    "a=sendrecv",
    "",
  ].join("\r\n");

/** All that a SIP side would tell of a leg; each a text of its own, as it would be off the network. */
export function infoOf(
  callid: string,
  given: Pick<CallInfo, "originator"> & Partial<CallInfo> & { readonly address: string },
): CallInfo {
  const { address, ...rest } = given;
  return {
    callid,
    domain: "example.org",
    to: "1001",
    from: "1000",
    contact: `sip:1000@${address}:5060`,
    maxforwards: 70,
    authenticated: true,
    ring: false,
    answered: false,
    hold: false,
    hangup: false,
    error: { code: 0, status: "" },
    remote: { host: address, port: 5060 },
    sdp: { them: SDP(address) },
    epochs: { start: 1_704_067_200, ring: 0, answer: 0, end: 0 },
    ...rest,
  };
}
