/** What all calls of one app share: its rooms, queues, parked calls and mailboxes. */
import type { LineHome } from "../app/line.js";
import { Rooms } from "./conference/rooms.js";
import { Parking } from "./park/parking.js";
import { RingingGroups } from "./park/ringing-groups.js";
import { Queues } from "./queue/queues.js";
import { MemoryMailboxStore } from "./voicemail/memory-mailbox-store.js";
import type { VoicemailHome } from "./voicemail/voicemail.js";
import type { MailboxSettings } from "./voicemail/voicemail-options.js";

export class Services {
  readonly rooms: Rooms;
  readonly queues: Queues;
  readonly parking: Parking;
  readonly groups = new RingingGroups();
  voicemail: VoicemailHome;

  constructor(home: LineHome, { store, folder }: MailboxSettings = {}) {
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
    this.queues.close();
    this.rooms.events.close();
    this.parking.events.close();
  }
}
