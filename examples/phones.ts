/** Who may register, for the examples: the extensions 1000 to 1003, with a new password at each start. */
import { randomBytes } from "node:crypto";

/** What phones register at: what they were told, or this very machine. */
export const domain =
  process.env["MEDIASWITCH_DOMAIN"] ?? process.env["MEDIASWITCH_SIP_ADDRESS"] ?? "127.0.0.1";

export const users = ["1000", "1001", "1002", "1003"].map((username) => ({
  username,
  secret: randomBytes(9).toString("base64url"),
}));

export function printPhones(): void {
  for (const { username, secret } of users) console.log(`user ${username} of ${domain}, password ${secret}`);
}
