/**
 * A front desk that transfers. Phones transfer by themselves (REFER) without a line of script, as far as the rule lets
 * them; here the script does it, too: `*` and a number, pressed while talking, sends the caller on.
 */
import { app, type ActiveCall } from "mediaswitch";
import { domain, printPhones, users } from "./phones.js";

void app.directory(domain, users);

const isUser = (number: string): boolean => users.some(({ username }) => username === number);

// Phones may transfer to our own users only; anything else is declined.
app.ontransfer(({ refer }) => refer === undefined || isUser(refer.to));

/** What the desk presses after `*`; it ends with the call. */
async function numberAfterStar(desk: ActiveCall): Promise<string> {
  let digits = "";
  for await (const { key } of desk.keys()) {
    digits = key === "*" ? "*" : digits + key;
    if (/^\*\d{4}$/.test(digits)) return digits.slice(1);
  }
  return "";
}

app.oncall(async (call) => {
  const result = await call.dial(call.to, { timeout: 30_000 });
  if (result.outcome !== "answered") return call.hangup(result.cause);
  const desk = result.call;

  void numberAfterStar(desk).then(async (number) => {
    if (isUser(number)) await call.transfer(number);
  });
  const { ended } = await call.bridge(desk);
  // Transferred: the call lives on with its new partner, without us.
  if (ended === "moved") call.handOn();
});

await app.run();
printPhones();
