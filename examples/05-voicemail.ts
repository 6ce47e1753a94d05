/** Nobody answers: voicemail takes a message, and the phone's lamp is lit. 800 plays what was left. */
import { app } from "mediaswitch";
import { domain, printPhones, users } from "./phones.js";

void app.directory(domain, users);

const RING_MILLIS = 15_000;
const MAILBOXES = "800";

app.oncall(async (call) => {
  if (call.to === MAILBOXES) {
    // Everybody's own: digest has made sure who calls.
    await call.mailbox(call.from, {
      prompts: {
        count: (messages) => (messages.all === 0 ? undefined : `count/${String(messages.new)}.wav`),
        none: "no-messages.wav",
        menu: "mailbox-menu.wav",
      },
    });
    return;
  }
  const result = await call.dial(call.to, { timeout: RING_MILLIS });
  if (result.outcome === "answered") {
    await call.bridge(result.call);
    return;
  }
  if (result.outcome === "notfound") return call.hangup(result.cause);
  await call.voicemail(call.to, { greeting: "greeting.wav" });
});

await app.run();
printPhones();
