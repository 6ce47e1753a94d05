import { MediaswitchError, fromErrorRecord, toErrorRecord } from "../core/errors.js";
import type { Command, CommandTable, Service } from "../core/service.js";
import type { FromService, ToService } from "./door-message.js";
import { Outbox } from "./outbox.js";
import { Pending } from "./pending.js";
import type { Port } from "./port.js";

/**
 * Makes `service` usable through `port`; the other end calls `connectService`. Takes the place of the
 * service's receiver when somebody attaches over there.
 */
export function serveService<Commands extends CommandTable, Event>(
  port: Port,
  service: Service<Commands, Event>,
): void {
  const events = new Pending<void>();
  const outbox = new Outbox<FromService>(port, (message, error) => {
    if (message.kind === "event") events.reject(message.id, error);
    else say({ kind: "error", id: message.id, error: toErrorRecord(error) });
  });
  const say = (message: FromService): void => {
    outbox.say(message);
  };
  const run = async (id: number, command: Command<Commands>): Promise<void> => {
    try {
      say({ kind: "result", id, result: await service.execute(command) });
    } catch (error) {
      say({ kind: "error", id, error: toErrorRecord(error) });
    }
  };
  const hear = (heard: ToService): void => {
    switch (heard.kind) {
      case "command":
        void run(heard.id, heard.command as Command<Commands>);
        return;
      case "attach":
        service.attach((event) =>
          events.ask((id) => {
            say({ kind: "event", id, event });
          }),
        );
        return;
      case "event-taken":
        events.resolve(heard.id);
        return;
      case "event-refused":
        events.reject(heard.id, fromErrorRecord(heard.error));
        return;
    }
    throw new MediaswitchError("INTERNAL", `a door was sent ${JSON.stringify(heard)}`);
  };
  port.on("message", (messages) => {
    for (const heard of messages as ToService[]) hear(heard);
  });
  port.on("close", () => {
    events.close();
  });
}
