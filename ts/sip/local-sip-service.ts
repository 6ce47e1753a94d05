/**
 * The SIP component: registrar and one side of a B2BUA per call leg. Commands of control are handed to the part that
 * carries them out; `sip-parts.ts` puts the parts together, `request-router.ts` takes what comes from the network.
 */
import { epochSeconds, seconds } from "../core/brand.js";
import { uuid } from "../core/random.js";
import { dispatch, type Command, type EventSink, type Handlers } from "../core/service.js";
import { callCommands, type CallCommand } from "./calls/call-commands.js";
import type { SipCommands, SipEvent, SipHealth, SipService } from "./sip-service.js";
import { SipParts, type SipPartsOptions } from "./sip-parts.js";
import { restoreState } from "./state/restore-state.js";
import type { SipState } from "./state/state.js";
import { StateWriter } from "./state/state-writer.js";

export interface LocalSipServiceOptions extends SipPartsOptions {
  /** What an earlier process has saved. */
  readonly saved?: SipState;
}

export class LocalSipService implements SipService {
  readonly #options: LocalSipServiceOptions;
  readonly #parts: SipParts;
  readonly #stateWriter: StateWriter;
  readonly #instance: string;
  readonly #started: number;
  readonly #handlers: Handlers<SipCommands>;

  constructor(options: LocalSipServiceOptions) {
    const { clock, random, saved, stateChanged } = options;
    this.#options = options;
    this.#instance = uuid(random);
    this.#started = epochSeconds(clock.epoch());
    this.#parts = new SipParts(options);
    const { calls, directory, outbound, state } = this.#parts;
    this.#handlers = { ...this.#ownHandlers, ...callCommands(calls, outbound) };
    this.#stateWriter = new StateWriter(state);
    if (saved !== undefined) restoreState(saved, state);
    directory.watch({ changed: () => stateChanged?.() });
  }

  /**
   * Directory, gateways, bindings and answered calls as a JSON document, in pieces; `LocalSipServiceOptions.saved` puts it
   * back.
   */
  savedState(): Iterable<string> {
    return this.#stateWriter.pieces();
  }

  execute<Type extends keyof SipCommands>(
    command: Command<SipCommands, Type>,
    signal?: AbortSignal,
  ): Promise<SipCommands[Type]["result"]> {
    return dispatch(this.#handlers, command, signal);
  }

  attach(sink: EventSink<SipEvent>): void {
    this.#parts.calls.attach(sink);
  }

  /** @returns settles when a drain has come to its end; at once when there is none. */
  drained(): Promise<void> {
    return this.#parts.drain.finished();
  }

  /** Ends everything without a word to the far ends, but takes registrations at gateways back; closes the transport. */
  async close(): Promise<void> {
    await this.#parts.close();
    await this.#options.transport.close();
  }

  readonly #ownHandlers: Omit<Handlers<SipCommands>, CallCommand> = {
    "directory.put": (command) => this.#parts.directory.put(command.domain, command),
    "directory.patch": (command) => this.#parts.directory.patch(command.domain, command),
    "directory.delete": ({ domain, user }) => {
      this.#parts.directory.delete(domain, user);
      return {};
    },
    "directory.get": ({ domain, user }) => this.#parts.directory.get(domain, user),
    "registrations.count": () => ({ count: this.#parts.registrar.count }),
    "registrations.domain": ({ domain, user }) => this.#parts.registrar.domain(domain, user),
    "presence.set": (setting) => {
      this.#parts.events.setPresence(setting);
      return {};
    },
    "mwi.set": ({ domain, user, mailbox }) => {
      this.#parts.events.setMailbox(domain, user, mailbox);
      return {};
    },
    "message.send": ({ request }) => {
      this.#parts.drain.checkOff();
      return this.#parts.events.sendMessage(request);
    },
    drain: ({ enabled, seconds: within }) => {
      const { calls, drain } = this.#parts;
      if (enabled) drain.begin(within === undefined ? undefined : seconds(within));
      else drain.stop();
      return { draining: drain.isOn, calls: calls.size };
    },
    "gateway.put": ({ type: _type, ...settings }) => this.#parts.gateways.put(settings),
    "gateway.delete": ({ name }) => {
      this.#parts.gateways.delete(name);
      return {};
    },
    "gateway.get": ({ name }) => ({ gateways: this.#parts.gateways.list(name) }),
    health: () => this.#health(),
  };

  #health(): SipHealth {
    const { authenticator, calls, drain, events, layer, overload, registrar } = this.#parts;
    return {
      calls: calls.size,
      dialogs: calls.dialogs,
      transactions: layer.size,
      timers: this.#options.clock.pendingTimers,
      ...this.#options.transport.health,
      bindings: registrar.count,
      ...events.counts,
      instance: this.#instance,
      started: this.#started,
      draining: drain.isOn,
      admits: overload.share,
      ...calls.events,
      refused: {
        ...Object.fromEntries([...layer.refused, ...overload.counts]),
        ...authenticator.counts,
      },
    };
  }
}
