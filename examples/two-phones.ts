/** Two phones that can call each other: register one as 1000, the other as 1001, and dial the other's number. */
import { randomBytes } from "node:crypto";
import { networkInterfaces } from "node:os";
import { projectcontrol } from "mediaswitch";

// Where phones find this switch: what it was told, or else this machine's first address on the network.
const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
const ours = addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "127.0.0.1";
const server = process.env["MEDIASWITCH_SIP_ADDRESS"] ?? ours;
const port = process.env["MEDIASWITCH_SIP_PORT"] ?? "5060";
const domain = process.env["MEDIASWITCH_DOMAIN"] ?? server;

// A new password each time: nobody can guess a demo's password, and nobody forgets to change it.
const users = ["1000", "1001"].map((username) => ({
  username,
  secret: randomBytes(9).toString("base64url"),
}));

// Who may register. The switch keeps this in memory; a real script would read it from its own database.
void projectcontrol.directory(domain, users);

// Somebody dialled: call whoever has that number. The rest is done for us: the caller hears it ring when the other
// phone rings, both are connected when it is answered, and when one hangs up so does the other.
projectcontrol.onnewcall = (call) => {
  console.log(`${call.info.from} calls ${call.destination}`);
  call.onhangup = () => console.log(`${call.info.from} and ${call.destination}: call over`);

  if (users.some(({ username }) => username === call.destination)) {
    call.newcall({ to: { user: call.destination } });
  } else {
    void call.notfound();
  }
};
projectcontrol.onreg = ({ user, host }) => console.log(`${user} is registered, from ${host}`);

await projectcontrol.run();

const phones = users.map(({ username, secret }) => `  user ${username}  password ${secret}\n`).join("");
console.log(
  `\nRegister two phones at ${server}:${port} (UDP), domain ${domain}:\n${phones}` +
    "Then dial 1001 from 1000, or the other way round.\n",
);
