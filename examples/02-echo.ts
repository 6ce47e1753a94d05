/** Says back what it heard, until `#` is pressed: recordings, keys and time-outs, one verb after the other. */
import { app } from "mediaswitch";
import { domain, printPhones, users } from "./phones.js";

void app.directory(domain, users);

app.oncall(async (call) => {
  await call.answer();
  await call.play({ tone: "660*0.5:200" }); // after the beep …

  for (let sentence = 1; ; sentence++) {
    const file = `echo-${call.id}-${String(sentence)}.wav`;
    // … somebody speaks; half a second of silence ends the sentence, ten seconds are enough.
    const recording = await call.record({
      file,
      startabovepower: 200,
      finishbelowpower: 200,
      poweraveragepackets: 25,
      maxduration: 10_000,
    });
    const { digits, ended } = await Promise.race([
      call.gather({ count: 1, terminator: "", timeouts: { first: 30_000 } }),
      recording.finished.then(() => ({ digits: "", ended: "spoken" }) as const),
    ]);
    if (digits === "#" || ended === "first") return;
    await call.play(file);
  }
});

await app.run();
printPhones();
