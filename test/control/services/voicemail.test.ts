import t from "tap";
import type { ActiveCall } from "../../../ts/control/app/active-call.js";
import {
  FileMailboxStore,
  type MailboxFiles,
} from "../../../ts/control/services/voicemail/file-mailbox-store.js";
import type { MailboxStore, VoiceMessage } from "../../../ts/control/services/voicemail/mailbox-store.js";
import { MemoryMailboxStore } from "../../../ts/control/services/voicemail/memory-mailbox-store.js";
import type {
  MailboxOptions,
  VoicemailOptions,
} from "../../../ts/control/services/voicemail/voicemail-options.js";
import type { Command } from "../../../ts/core/service.js";
import type { SipCommands, SipService } from "../../../ts/sip/sip-service.js";
import { DOMAIN, openHouse, type House } from "./house.js";

const BOX = { domain: DOMAIN, user: "1005" };

interface Mail extends House {
  readonly store: MemoryMailboxStore;
  /** What phones were told of waiting messages: new and old. */
  readonly lamps: (readonly [fresh: number, old: number])[];
}

/** Who dials a user leaves a message for him; who dials `*` listens to his own. */
async function mail(leave: VoicemailOptions = {}, listen: MailboxOptions = {}): Promise<Mail> {
  const store = new MemoryMailboxStore();
  const lamps: [number, number][] = [];
  const house = await openHouse((call: ActiveCall, app) => {
    app.services.voicemail = { store, folder: "voicemail" };
    watchLamps(call.line.desk.sip, lamps);
    return call.to === "*" ? call.mailbox(call.from, listen) : call.voicemail(call.to, leave);
  });
  return { ...house, store, lamps };
}

const watched = new WeakSet<SipService>();

/** Notes what phones are told of waiting messages. */
function watchLamps(sip: SipService, lamps: [number, number][]): void {
  if (watched.has(sip)) return;
  watched.add(sip);
  const execute = sip.execute.bind(sip);
  sip.execute = <Type extends keyof SipCommands>(
    command: Command<SipCommands, Type>,
    signal?: AbortSignal,
  ): Promise<SipCommands[Type]["result"]> => {
    const { mailbox } = command as { readonly mailbox?: { readonly new: number; readonly old: number } };
    if (mailbox !== undefined) lamps.push([mailbox.new, mailbox.old]);
    return execute(command, signal);
  };
}

t.test("greeting, beep, message; the key ends it; the file, the index and the lamp have it", async (t) => {
  const house = await mail({ greeting: "greeting.wav", beep: "beep.wav" });
  const { pbx, store, lamps } = house;
  const alice = await pbx.phone("1000");
  alice.call("1005", { name: "Alice" });
  await alice.hears("greeting.wav");
  await alice.hears("beep.wav");
  await alice.hearsNothing();
  alice.speaks("please call back");
  await pbx.advance(7);
  alice.press("#");
  await alice.ends();
  t.match(house.outcomes.get("1000"), { outcome: "recorded" });
  const [message, ...others] = await store.list(BOX);
  t.same(others, []);
  t.match(message, { from: "1000", name: "Alice", heard: false });
  t.ok((message?.duration ?? 0) >= 7000 && (message?.duration ?? 0) < 7200, String(message?.duration));
  const [file] = pbx.recordings;
  t.match(file, { file: message?.file, isFinished: true });
  t.same(file?.sounds, ["please call back"]);
  t.match(message?.file, /^voicemail\/example%2Eorg\/1005\/[0-9a-f]{16}\.wav$/);
  t.same(lamps, [[1, 0]]);
  await house.closes(t);
});

t.test("a caller who simply hangs up leaves a message; one who says nothing for long does not", async (t) => {
  const house = await mail({ minLength: 2000 });
  const { pbx, store, lamps } = house;
  const alice = await pbx.phone("1000");
  alice.speaks("it is me");
  alice.call("1005");
  await alice.talks();
  await pbx.advance(5);
  alice.hangup();
  await pbx.advance(1);
  t.equal(house.outcomes.get("1000"), "CallEnded");
  t.equal((await store.list(BOX)).length, 1);
  alice.call("1005");
  await alice.talks();
  await pbx.advance(1.5);
  alice.press("#");
  await alice.ends();
  t.same(house.outcomes.get("1000"), { outcome: "too-short" });
  t.equal((await store.list(BOX)).length, 1);
  t.equal(store.discarded.length, 1);
  t.same(lamps, [[1, 0]]);
  await house.closes(t);
});

t.test("silence ends the message, and so does its longest time", async (t) => {
  const house = await mail({ maxLength: 60_000 });
  const { pbx, store } = house;
  const alice = await pbx.phone("1000");
  alice.call("1005");
  await alice.talks();
  alice.speaks("hm");
  await pbx.advance(4);
  alice.speaks();
  await alice.ends();
  alice.speaks("on and on");
  alice.call("1005");
  await alice.ends({ within: 90 });
  t.match((await store.list(BOX)).map(({ duration }) => duration).at(-1), 60_000);
  await house.closes(t);
});

t.test("a full mailbox takes no more", async (t) => {
  const house = await mail({ maxMessages: 1, full: "full.wav" });
  const { pbx } = house;
  const alice = await pbx.phone("1000");
  for (const outcome of ["recorded", "full"]) {
    alice.speaks("it is me");
    alice.call("1005");
    await alice.talks();
    if (outcome === "full") await alice.hears("full.wav");
    else {
      await pbx.advance(5);
      alice.press("#");
    }
    await alice.ends();
    t.match(house.outcomes.get("1000"), { outcome });
  }
  await house.closes(t);
});

const message = (id: string, more: Partial<VoiceMessage> = {}): VoiceMessage => ({
  id,
  from: "1000",
  at: 1_700_000_000_000,
  duration: 3000,
  file: `voicemail/${id}.wav`,
  heard: false,
  ...more,
});

t.test("the menu: new ones first; next, again, previous, delete, save; the lamp follows", async (t) => {
  const house = await mail(
    {},
    {
      prompts: {
        count: (count) => `new-${String(count.new)}-of-${String(count.all)}.wav`,
        announce: ({ id }, { number }) => `${String(number)}-${id}.wav`,
        menu: "menu.wav",
        deleted: "deleted.wav",
        saved: "saved.wav",
        end: "end.wav",
      },
    },
  );
  const { pbx, store, lamps } = house;
  await store.add(BOX, message("old", { heard: true }));
  await store.add(BOX, message("one"));
  await store.add(BOX, message("two"));
  const eve = await pbx.phone("1005");
  eve.call("*");
  await eve.hears("new-2-of-3.wav");
  await eve.hears("1-one.wav");
  await eve.hears("voicemail/one.wav");
  await eve.hears("menu.wav");
  eve.press("1");
  await eve.hears("voicemail/one.wav");
  eve.press("2");
  await eve.hears("2-two.wav");
  eve.press("4");
  await eve.hears("1-one.wav");
  await eve.hears("menu.wav");
  eve.press("3");
  await eve.hears("deleted.wav");
  await eve.hears("1-two.wav");
  await eve.hears("voicemail/two.wav");
  eve.press("5");
  await eve.hears("saved.wav");
  await eve.hears("2-old.wav");
  await eve.hears("menu.wav");
  eve.press("2");
  await eve.hears("end.wav");
  await eve.ends();
  t.same(house.outcomes.get("1005"), { outcome: "end", heard: 3, deleted: 1 });
  t.same(
    (await store.list(BOX)).map(({ id, heard }) => [id, heard]),
    [
      ["old", true],
      ["two", false],
    ],
  );
  t.same(store.discarded, ["voicemail/one.wav"]);
  t.same(lamps.at(-1), [1, 1]);
  await house.closes(t);
});

t.test("the menu is left by its key, and when no key comes; an empty mailbox says so", async (t) => {
  const house = await mail(
    {},
    { prompts: { none: "none.wav", menu: "menu.wav" }, timeout: 3000, repeats: 2 },
  );
  const { pbx, store } = house;
  const eve = await pbx.phone("1005");
  eve.call("*");
  await eve.hears("none.wav");
  await eve.ends();
  t.match(house.outcomes.get("1005"), { outcome: "end", heard: 0 });
  await store.add(BOX, message("one"));
  eve.call("*");
  await eve.hears("menu.wav");
  eve.press("*");
  await eve.ends();
  t.match(house.outcomes.get("1005"), { outcome: "exit", heard: 1 });
  eve.call("*");
  await eve.ends();
  t.match(house.outcomes.get("1005"), { outcome: "timeout" });
  await house.closes(t);
});

t.test("a mailbox is user or user@domain", async (t) => {
  const house = await openHouse((call) => call.voicemail("a@b@c"));
  const alice = await house.pbx.phone("1000");
  alice.call("x");
  await alice.ends();
  t.equal(house.outcomes.get("1000"), "ARGUMENT_INVALID");
  await house.pbx.close();
});

class MemoryFiles implements MailboxFiles {
  readonly files = new Map<string, string>();
  read(path: string): Promise<string | undefined> {
    return Promise.resolve(this.files.get(path));
  }
  write(path: string, text: string): Promise<void> {
    this.files.set(path, text);
    return Promise.resolve();
  }
  remove(path: string): Promise<void> {
    this.files.delete(path);
    return Promise.resolve();
  }
}

const STORES: readonly (readonly [name: string, make: () => MailboxStore])[] = [
  ["memory", () => new MemoryMailboxStore()],
  ["files", () => new FileMailboxStore(new MemoryFiles())],
];
for (const [name, make] of STORES) {
  t.test(
    `a mailbox store (${name}): what was added is listed in its order; changes of one box are not of another`,
    async (t) => {
      const store = make();
      t.same(await store.list(BOX), []);
      await Promise.all(["a", "b", "c"].map((id) => store.add(BOX, message(id))));
      await store.setHeard(BOX, "b", true);
      await store.setHeard(BOX, "nobody", true);
      await store.remove(BOX, "a");
      await store.remove(BOX, "a");
      t.same(await store.list(BOX), [message("b", { heard: true }), message("c")]);
      t.same(await store.list({ ...BOX, user: "1006" }), []);
    },
  );
}

t.test(
  "files: names of users lead nowhere else, a new store finds all, and what it can't read it leaves",
  async (t) => {
    const files = new MemoryFiles();
    const wicked = { domain: DOMAIN, user: "../../etc" };
    await new FileMailboxStore(files).add(wicked, message("a"));
    await new FileMailboxStore(files).add(BOX, message("b"));
    t.same(
      [...files.files.keys()],
      ["voicemail/example%2Eorg/%2E%2E%2F%2E%2E%2Fetc/index.json", "voicemail/example%2Eorg/1005/index.json"],
    );
    const store = new FileMailboxStore(files);
    t.match(await store.list(wicked), [{ id: "a" }]);
    files.files.set("voicemail/example%2Eorg/1005/index.json", "{");
    await t.rejects(store.add(BOX, message("c")), { code: "INTERNAL" });
    t.equal(files.files.get("voicemail/example%2Eorg/1005/index.json"), "{");
  },
);
