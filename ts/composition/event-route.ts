import { MediaswitchError } from "../core/errors.js";
import type { CommandTable, EventSink, Service } from "../core/service.js";
import { isLoopback } from "../http/loopback.js";

/**
 * Splits the events of a service in this process: those of calls that name another control go to `elsewhere`,
 * all others to whoever attaches to the service given back.
 * @param isOwn whether a control URL is that of this process.
 */
export function routeEvents<Commands extends CommandTable, Event extends { readonly control?: string }>(
  service: Service<Commands, Event>,
  elsewhere: EventSink<Event>,
  isOwn: (url: string) => boolean,
): Service<Commands, Event> {
  let here: EventSink<Event> | undefined;
  service.attach((event) => {
    const sink = event.control !== undefined && !isOwn(event.control) ? elsewhere : here;
    return sink === undefined
      ? Promise.reject(new MediaswitchError("CONTROL_UNAVAILABLE", "no call control is running"))
      : sink(event);
  });
  return {
    execute: service.execute.bind(service),
    attach: (sink) => {
      here = sink;
    },
  };
}

/** Whether a control URL leads to our own control, listening on `host`:`port`. */
export function isOwnControl(host: string, port: number): (url: string) => boolean {
  const isEverywhere = host === "0.0.0.0" || host === "::";
  return (text) => {
    if (!URL.canParse(text)) return false;
    const url = new URL(text);
    if (url.pathname !== "/") return false;
    if (Number(url.port === "" ? 80 : url.port) !== port) return false;
    const isNear = isLoopback(url.hostname) && (isLoopback(host) || isEverywhere);
    return isNear || url.hostname.replace(/^\[|\]$/g, "") === host;
  };
}
