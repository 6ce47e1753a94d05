/** Phones that call each other: `dial` calls somebody for a call, and tells who answered or why nobody did. */
import { app } from "mediaswitch";
import { domain, printPhones, users } from "./phones.js";

void app.directory(domain, users);

app.oncall(async (call) => {
  const result = await call.dial(call.to, { timeout: 30_000 });
  if (result.outcome !== "answered") {
    await call.hangup(result.cause); // the caller is told what we were told
    return;
  }
  await call.bridge(result.call);
});

await app.run();
printPhones();
