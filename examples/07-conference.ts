/** Conference rooms 900 to 999 behind a PIN; `*` mutes, and who comes and goes is announced. */
import { app } from "mediaswitch";
import { domain, printPhones, users } from "./phones.js";

void app.directory(domain, users);

const PIN = "1234";

app.oncall(async (call) => {
  if (!/^9\d\d$/.test(call.to)) return call.hangup("notfound");
  app.conference(call.to).set({
    pin: PIN,
    sounds: { join: { tone: "880*0.3:200" }, leave: { tone: "440*0.3:200" }, music: "music.wav" },
  });
  const result = await call.conference(call.to, {
    pin: { prompt: "enter-pin.wav", wrong: "wrong-pin.wav" },
    joined: async (member) => {
      for await (const { key } of call.keys()) {
        if (key === "*") await (member.muted ? member.unmute() : member.mute());
      }
    },
  });
  if (result.outcome === "refused") await call.play("goodbye.wav");
});

await app.run();
printPhones();
