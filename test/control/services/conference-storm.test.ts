/** Random members come, go, mute, hold and are announced to: each hears whom it should, and nothing is left. */
import t from "tap";
import type { ConferenceMember } from "../../../ts/control/services/conference/conference-options.js";
import type { Phone } from "../../../ts/testing/phone.js";
import { below, SeededRandom } from "../../support/seeded-random.js";
import { openHouse } from "./house.js";

const SEEDS = 12;
const STEPS = 40;
const USERS = ["1000", "1001", "1002", "1003", "1004"];

for (let seed = 1; seed <= SEEDS; seed += 1) {
  t.test(`seed ${String(seed)}`, async (t) => {
    const random = new SeededRandom(seed);
    const members = new Map<string, ConferenceMember>();
    const muted = new Set<string>();
    const deaf = new Set<string>();
    const held = new Set<string>();
    const there = new Set<string>();
    const house = await openHouse((call) =>
      call.conference("storm", { joined: (member) => void members.set(call.from, member) }),
    );
    const { pbx, app } = house;
    const room = app.conference("storm");
    const phones = new Map<string, Phone>();
    for (const user of USERS) {
      const phone = await pbx.phone(user);
      phone.speaks(user);
      phones.set(user, phone);
    }
    const join = (user: string, phone: Phone): void => {
      phone.call("storm");
      there.add(user);
    };
    const leave = (user: string): void => {
      for (const each of [there, muted, deaf, held]) each.delete(user);
      members.delete(user);
    };
    const step = async (user: string, phone: Phone): Promise<void> => {
      const member = members.get(user);
      if (!there.has(user)) {
        join(user, phone);
        return;
      }
      // Its ACK is on its way.
      if (member === undefined) return;
      switch (below(random, 7)) {
        case 0:
          phone.hangup();
          leave(user);
          return;
        case 1:
          await (muted.delete(user) ? member.unmute() : (muted.add(user), member.mute()));
          return;
        case 2:
          await (deaf.delete(user) ? member.undeafen() : (deaf.add(user), member.deafen()));
          return;
        case 3:
          if (held.delete(user)) phone.unhold();
          else {
            held.add(user);
            phone.hold();
          }
          return;
        case 4:
          leave(user);
          await member.kick();
          return;
        case 5:
          void room.announce("news.wav").catch(() => undefined);
          return;
        case 6:
          // Somebody hangs up while somebody else comes.
          phone.hangup();
          leave(user);
          for (const [other, one] of phones) if (!there.has(other) && other !== user) join(other, one);
      }
    };
    const wrongs: string[] = [];
    for (let count = 0; count < STEPS; count += 1) {
      const user = USERS[below(random, USERS.length)] ?? "1000";
      const phone = phones.get(user);
      if (phone !== undefined) await step(user, phone);
      if (below(random, 3) === 0) continue;
      await pbx.advance(3);
      const present = USERS.filter((each) => there.has(each));
      for (const one of present) {
        if (held.has(one)) continue;
        const expected = deaf.has(one)
          ? []
          : present.filter((other) => other !== one && !muted.has(other) && !held.has(other));
        const heard = (phones.get(one)?.hearing ?? []).map(String).filter((sound) => sound !== "news.wav");
        if (heard.sort().join() !== expected.join()) {
          wrongs.push(`step ${String(count)}: ${one} hears ${heard.join()} and not ${expected.join()}`);
        }
      }
    }
    t.same(wrongs, []);
    for (const [, phone] of phones) phone.hangupAll();
    await pbx.advance(5);
    t.same(room.members, []);
    await house.closes(t);
  });
}
