import { MediaswitchError } from "../../../core/errors.js";
import type { Desk } from "../../desk.js";
import type { Sounds } from "../../app/sound.js";
import type { Abortable } from "../../app/verb-options.js";
import { EventFeed, type LostEvents } from "../event-feed.js";
import type { ConferenceEvent, ConferenceMember, ConferenceSettings } from "./conference-options.js";
import { Room, type RoomRecording } from "./room.js";

/** A room by its name, also while nobody is in it. */
export interface Conference {
  readonly name: string;
  /** In the order in which they came. */
  readonly members: readonly ConferenceMember[];
  readonly locked: boolean;
  /** All hear each other: it is not empty, and waits for no moderator. */
  readonly open: boolean;
  /** Goes by these from now on; those left out stay. */
  set(settings: ConferenceSettings): void;
  /** Only moderators get in, until `unlock` or the last one has left. */
  lock(): void;
  unlock(): void;
  /** Plays to all who are there, after what is announced already. Settles when it has been played. */
  announce(sounds: Sounds): Promise<void>;
  /** Records what all say into one WAV file, until it is stopped or the last one has left. CALL_STATE: nobody is there. */
  record(options: { readonly file: string }): Promise<RoomRecording>;
  /** All have to leave. */
  end(): Promise<void>;
  events(options?: Abortable): AsyncIterable<ConferenceEvent | LostEvents>;
}

/** All rooms: one that nobody has set anything for lives only while somebody is in it. */
export class Rooms {
  readonly events: EventFeed<ConferenceEvent>;
  readonly #desk: Desk;
  readonly #rooms = new Map<string, Room>();
  readonly #configured = new Set<string>();

  constructor(desk: Desk) {
    this.#desk = desk;
    this.events = new EventFeed(desk.log);
  }

  of(name: string): Room {
    const known = this.#rooms.get(name);
    if (known !== undefined) return known;
    if (typeof name !== "string" || name === "") {
      throw new MediaswitchError("ARGUMENT_INVALID", "a room needs a name", "room");
    }
    const room = new Room(name, {
      desk: this.#desk,
      events: this.events,
      emptied: () => {
        this.#emptied(room);
      },
    });
    this.#rooms.set(name, room);
    return room;
  }

  /** Rooms that are set up or in use. */
  get names(): readonly string[] {
    return [...this.#rooms.keys()];
  }

  conference(name: string): Conference {
    const room = (): Room => this.of(name);
    room();
    return {
      name,
      get members() {
        return room().members;
      },
      get locked() {
        return room().isLocked;
      },
      get open() {
        return room().isOpen;
      },
      set: (settings) => {
        this.#configured.add(name);
        room().settings = { ...room().settings, ...settings };
      },
      lock: () => {
        room().lock();
      },
      unlock: () => {
        room().unlock();
      },
      announce: (sounds) => room().announce(sounds),
      record: ({ file }) => room().record(file),
      end: () => room().end(),
      events: ({ signal } = {}) => this.events.read(signal, (event) => event.room === name),
    };
  }

  /** Nobody came in after all. */
  release(room: Room): void {
    if (room.members.length === 0) this.#forget(room);
  }

  #emptied(room: Room): void {
    room.tell({ type: "ended" });
    room.unlock();
    this.#forget(room);
  }

  #forget(room: Room): void {
    if (!this.#configured.has(room.name) && this.#rooms.get(room.name) === room)
      this.#rooms.delete(room.name);
  }
}
