/** Answers every call, plays something, and hangs up. A call is a function: when it returns, the call is over. */
import { app } from "mediaswitch";
import { domain, printPhones, users } from "./phones.js";

void app.directory(domain, users);

app.oncall(async (call) => {
  await call.answer();
  // A tone: hertz, times how loud, then how many milliseconds. A file would be { wav: "welcome.wav" }.
  await call.play({ tone: "440*0.5/0/660*0.5:1000/500" });
});

await app.run();
printPhones();
