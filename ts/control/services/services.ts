/** What all calls of one app share: its rooms, queues, parked calls and mailboxes. */
import type { LineHome } from "../app/line.js";
import type { Desk } from "../desk.js";
import { Rooms } from "./conference/rooms.js";
import { Parking } from "./park/parking.js";
import { RingingGroups } from "./park/ringing-groups.js";
import { Queues } from "./queue/queues.js";
import { MemoryMailboxStore } from "./voicemail/memory-mailbox-store.js";
import type { VoicemailHome } from "./voicemail/voicemail.js";
import type { MailboxSettings } from "./voicemail/voicemail-options.js";

/** Those of each control that are not closed. */
const open = new WeakMap<Desk, Set<Services>>();

/** The services of all apps of one control: for who shows them. */
export const servicesOf = (desk: Desk): readonly Services[] => [...(open.get(desk) ?? [])];

export class Services {
  readonly home: LineHome;
  readonly rooms: Rooms;
  readonly queues: Queues;
  readonly parking: Parking;
  readonly groups: RingingGroups;
  voicemail: VoicemailHome;

  readonly #desk: Desk;

  constructor(home: LineHome, { store, folder }: MailboxSettings = {}) {
    this.#desk = home.desk;
    const ofDesk = open.get(home.desk) ?? new Set();
    open.set(home.desk, ofDesk.add(this));
    this.home = home;
    this.groups = new RingingGroups(home);
    this.rooms = new Rooms(home.desk);
    this.queues = new Queues(home);
    this.parking = new Parking(home);
    this.voicemail = {
      store: store ?? new MemoryMailboxStore(),
      folder: folder ?? "voicemail",
    };
  }

  /** The app is stopped: loops over events end, and nothing is due any more. */
  close(): void {
    open.get(this.#desk)?.delete(this);
    this.queues.close();
    this.rooms.events.close();
    this.parking.events.close();
  }
}
