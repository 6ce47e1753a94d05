import { MediaswitchError, fromErrorRecord, toErrorRecord } from "../core/errors.js";
import type { Command, CommandTable, Service } from "../core/service.js";
import type { FromService, ToService } from "./door-message.js";
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
  const say = (message: FromService): void => {
    port.postMessage(message);
  };
  const run = async (id: number, command: Command<Commands>): Promise<void> => {
    try {
      say({ kind: "result", id, result: await service.execute(command) });
    } catch (error) {
      say({ kind: "error", id, error: toErrorRecord(error) });
    }
  };
  port.on("message", (message) => {
    const heard = message as ToService;
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
    throw new MediaswitchError("INTERNAL", `a door was sent ${JSON.stringify(message)}`);
  });
  port.on("close", () => {
    events.close();
  });
}
