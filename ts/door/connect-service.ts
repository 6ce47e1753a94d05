import { MediaswitchError, fromErrorRecord, toErrorRecord } from "../core/errors.js";
import type { Command, CommandTable, EventSink, Service } from "../core/service.js";
import type { FromService, ToService } from "./door-message.js";
import { Pending } from "./pending.js";
import type { Port } from "./port.js";

/** The service that `serveService` serves at the other end of `port`. Closing the port ends it. */
export function connectService<Commands extends CommandTable, Event>(port: Port): Service<Commands, Event> {
  const commands = new Pending<object>();
  let sink: EventSink<Event> | undefined;
  const say = (message: ToService): void => {
    port.postMessage(message);
  };
  const take = async (id: number, event: Event): Promise<void> => {
    try {
      await sink?.(event);
      say({ kind: "event-taken", id });
    } catch (error) {
      say({ kind: "event-refused", id, error: toErrorRecord(error) });
    }
  };
  port.on("message", (message) => {
    const heard = message as FromService;
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
    throw new MediaswitchError("INTERNAL", `a door was sent ${JSON.stringify(message)}`);
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
