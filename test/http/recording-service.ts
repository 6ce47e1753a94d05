import {
  dispatch,
  type CommandTable,
  type EventSink,
  type Handlers,
  type Service,
} from "../../ts/core/service.js";

/** Answers commands from a table and keeps what it was asked. */
export interface RecordingService<Commands extends CommandTable, Event> extends Service<Commands, Event> {
  readonly commands: object[];
  sink: EventSink<Event> | undefined;
}

export function recordingService<Commands extends CommandTable, Event>(
  handlers: Handlers<Commands>,
): RecordingService<Commands, Event> {
  const service: RecordingService<Commands, Event> = {
    commands: [],
    sink: undefined,
    execute: (command, signal) => {
      service.commands.push(command);
      return dispatch(handlers, command, signal);
    },
    attach: (sink) => {
      service.sink = sink;
    },
  };
  return service;
}
