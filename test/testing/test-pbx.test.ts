import t from "tap";
import { testPbx } from "../../ts/testing/index.js";

t.test(
  "two phones through a script of the seed's face: they hear each other, and the end reaches both",
  async (t) => {
    const pbx = await testPbx(({ projectcontrol }) => {
      void projectcontrol.directory("example.org", [
        { username: "1000", secret: "one" },
        { username: "1001", secret: "two" },
      ]);
      projectcontrol.onnewcall = (call) => {
        call.newcall({ to: { user: call.destination } });
      };
    });
    const alice = await pbx.phone("1000");
    const bob = await pbx.phone("1001");
    alice.call("1001");
    await bob.rings();
    await alice.ringsBack();
    bob.answer();
    await alice.talks();
    alice.speaks(440);
    await bob.hears(440);
    t.same(alice.hearing, [], "bob says nothing");
    bob.speaks("hello");
    await alice.hears("hello");
    alice.press("1234#");
    await bob.hearsKeys("1234#");
    alice.hangup();
    const { status, endedBy } = await bob.ends();
    t.same([status, endedBy], [0, "switch"]);
    await pbx.close();
    t.same(pbx.left, { calls: 0, channels: 0 });
    t.same(pbx.log.errors, []);
  },
);
