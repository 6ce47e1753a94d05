/**
 * The call script of `mediaswitch demo`: numbers are called and recorded, phones may transfer, 900 is a conference room.
 * Written as a script of one's own would be; only where its users come from is the demo's.
 */
import { app } from "../../app.js";
import { connectedTo, JOINED, readDemoPlan } from "./demo-plan.js";

const { domain, users, room, pin } = readDemoPlan();

void app.directory(domain, users);

app.oncall(async (call) => {
  if (call.to === room) {
    app.conference(room).set({ pin });
    await call.conference(room, {
      pin: { prompt: { tone: "850*0.1/0:400/1200", loop: true } },
      joined: () => call.message(JOINED),
    });
    return;
  }
  const result = await call.dial(call.to, { timeout: 30_000 });
  if (result.outcome !== "answered") return call.hangup(result.cause);
  await call.answer();
  const talk = call.bridge(result.call);
  await call.record({ file: `switch-${call.from}-to-${call.to}.wav` });
  await call.message(connectedTo(call.to));
  const { ended } = await talk;
  // Transferred: the call lives on with its new partner.
  if (ended === "moved") call.handOn();
});

await app.run();
