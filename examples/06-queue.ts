/** A queue: 800 waits for an agent, with music and its place in the queue; agents log in and out by dialling 801 and 802. */
import { app } from "mediaswitch";
import { domain, printPhones, users } from "./phones.js";

void app.directory(domain, users);
await app.run();

const support = app.queue("support");
support.set({ strategy: "longest-idle", ringTimeout: 10_000, wrapUp: 5000, maxWait: 300_000 });

const agents = new Map<string, { logout(): void }>();

app.oncall(async (call) => {
  switch (call.to) {
    case "800": {
      const result = await call.queue("support", {
        music: "music.wav",
        announcement: ({ position }) => `position/${String(position)}.wav`,
        every: 20_000,
      });
      if (result.outcome === "overflow") await call.play("call-again-later.wav");
      return;
    }
    case "801":
      agents.set(call.from, support.login(call.from));
      await call.answer();
      await call.play("logged-in.wav");
      return;
    case "802":
      agents.get(call.from)?.logout();
      await call.answer();
      await call.play("logged-out.wav");
      return;
    default:
      await call.hangup("notfound");
  }
});

printPhones();
