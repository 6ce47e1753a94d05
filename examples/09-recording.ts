/** Records a conversation; `*1` pauses it while card numbers are said, and goes on with the recording. */
import { app } from "mediaswitch";
import { domain, printPhones, users } from "./phones.js";

void app.directory(domain, users);

app.oncall(async (call) => {
  const result = await call.dial(call.to, { timeout: 30_000 });
  if (result.outcome !== "answered") return call.hangup(result.cause);

  await call.answer();
  const talk = call.bridge(result.call);
  const recording = await call.record({ file: `${call.id}.wav` });
  const listen = async (): Promise<void> => {
    let last = "";
    let isPaused = false;
    for await (const { key } of result.call.keys()) {
      if (last + key === "*1") {
        isPaused = !isPaused;
        await (isPaused ? recording.pause() : recording.resume());
      }
      last = key;
    }
  };
  void listen();
  await talk;
  const { duration = 0 } = await recording.stop();
  call.note(`recorded ${String(Math.round(duration / 1000))} s`);
});

await app.run();
printPhones();
