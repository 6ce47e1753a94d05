import { MediaswitchError } from "./errors.js";

/**
 * The one door between components: a serialisable command in, a serialisable result out, and serialisable,
 * numbered events the other way. `SipService` and `MediaService` are both this shape, so in-process, worker
 * thread and HTTP are the same to whoever holds one.
 */
export interface Service<Commands extends CommandTable, Event> {
  /**
   * Carries out one command.
   * @param signal aborting stops waiting (rejects with `ABORTED`); it does not undo what was started.
   * @throws {MediaswitchError} with the code of the refusal.
   */
  execute<Type extends keyof Commands & string>(
    command: Command<Commands, Type>,
    signal?: AbortSignal,
  ): Promise<Commands[Type]["result"]>;

  /**
   * Names the one receiver of events. Events of one call or channel come in the order of their numbers, one
   * at a time: the next is sent when the promise of the last has settled. A rejection means "not taken".
   */
  attach(sink: EventSink<Event>): void;
}

export type EventSink<Event> = (event: Event) => Promise<void>;

/** Command name → what goes in besides the name, and what comes out. All plain data (structured clone, JSON). */
export type CommandTable = Record<string, { input: object; result: object }>;

export type Command<
  Commands extends CommandTable,
  Type extends keyof Commands & string = keyof Commands & string,
> = { [T in Type]: { readonly type: T } & Readonly<Commands[T]["input"]> }[Type];

/** One function per command: a command without one does not compile. */
export type Handlers<Commands extends CommandTable> = {
  readonly [Type in keyof Commands & string]: (
    command: Command<Commands, Type>,
    signal?: AbortSignal,
  ) => Commands[Type]["result"] | Promise<Commands[Type]["result"]>;
};

/** Finds the command's handler and runs it; what it throws, the promise rejects with. */
export function dispatch<Commands extends CommandTable, Type extends keyof Commands & string>(
  handlers: Handlers<Commands>,
  command: Command<Commands, Type>,
  signal?: AbortSignal,
): Promise<Commands[Type]["result"]> {
  try {
    if (!Object.hasOwn(handlers, command.type)) {
      throw new MediaswitchError("ARGUMENT_INVALID", `there is no command "${command.type}"`, "type");
    }
    if (signal?.aborted === true)
      throw new MediaswitchError("ABORTED", `${command.type} was aborted before it began`);
    return Promise.resolve(handlers[command.type](command, signal));
  } catch (error) {
    // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever a handler throws
    return Promise.reject(error);
  }
}
