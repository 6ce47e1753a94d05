import { MediaswitchError, fromErrorRecord, toErrorRecord } from "../core/errors.js";
import type { Command, CommandTable, EventSink, Service } from "../core/service.js";
import type { FromService, ToService } from "./door-message.js";
import { Outbox } from "./outbox.js";
import { Pending } from "./pending.js";
import type { Port } from "./port.js";

/** The service that `serveService` serves at the other end of `port`. Closing the port ends it. */
export function connectService<Commands extends CommandTable, Event>(port: Port): Service<Commands, Event> {
  const commands = new Pending<object>();
  let sink: EventSink<Event> | undefined;
  const outbox = new Outbox<ToService>(port, (message, error) => {
    if (message.kind === "command") commands.reject(message.id, error);
  });
  const say = (message: ToService): void => {
    outbox.say(message);
  };
  const take = async (id: number, event: Event): Promise<void> => {
    try {
      await sink?.(event);
      say({ kind: "event-taken", id });
    } catch (error) {
      say({ kind: "event-refused", id, error: toErrorRecord(error) });
    }
  };
  const hear = (heard: FromService): void => {
    switch (heard.kind) {
      case "result":
        commands.resolve(heard.id, heard.result);
        return;
      case "error":
        commands.reject(heard.id, fromErrorRecord(heard.error));
        return;
      case "event":
        void take(heard.id, heard.event as Event);
        return;
    }
    throw new MediaswitchError("INTERNAL", `a door was sent ${JSON.stringify(heard)}`);
  };
  port.on("message", (messages) => {
    for (const heard of messages as FromService[]) hear(heard);
  });
  port.on("close", () => {
    commands.close();
  });
  return {
    execute: <Type extends keyof Commands & string>(
      command: Command<Commands, Type>,
      signal?: AbortSignal,
    ): Promise<Commands[Type]["result"]> =>
      commands.ask((id) => {
        say({ kind: "command", id, command });
      }, signal),
    attach: (receiver) => {
      sink = receiver;
      say({ kind: "attach" });
    },
  };
}
