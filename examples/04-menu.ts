/** An auto-attendant: a prompt that may be interrupted, a choice of keys, three tries, and the office hours. */
import { app, type ActiveCall } from "mediaswitch";
import { domain, printPhones, users } from "./phones.js";

void app.directory(domain, users);

const DEPARTMENTS: Readonly<Record<string, string>> = { "1": "1001", "2": "1002" };
const TRIES = 3;

function isOpen(now: Date): boolean {
  return now.getUTCDay() % 6 !== 0 && now.getUTCHours() >= 8 && now.getUTCHours() < 18;
}

async function connect(call: ActiveCall, number: string): Promise<void> {
  const result = await call.dial(number, { music: "music.wav", timeout: 20_000 });
  if (result.outcome === "answered") await call.bridge(result.call);
  else await call.play("nobody-there.wav");
}

app.oncall(async (call) => {
  await call.answer();
  if (!isOpen(new Date())) {
    await call.play("closed.wav");
    return;
  }
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const { digits } = await call.gather({ prompt: "menu.wav", pattern: /^[12]$/, count: 4 });
    const number = DEPARTMENTS[digits];
    if (number !== undefined) return connect(call, number);
    await call.play("not-understood.wav");
  }
});

await app.run();
printPhones();
