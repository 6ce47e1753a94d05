// Addresses and accounts that servers, load and rows share.
import { createSocket } from "node:dgram";
import { once } from "node:events";

export const DOMAIN = "bench.example";
export const USERS = 10_000;
export const SECRET = "correct-horse-battery";
export const userName = (index) => `user${String(100_000 + index)}`;

/** Linux answers on all of 127.0.0.0/8: phones that show a password, callers that need none, and whoever answers. */
export const SERVER = "127.0.0.1";
export const PHONES = "127.0.0.1";
export const CALLERS = "127.0.0.2";
export const CALLEE = "127.0.0.3";

/** A UDP port that nobody had a moment ago. */
export async function freePort() {
  const socket = createSocket("udp4");
  socket.bind(0, SERVER);
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  await once(socket, "close");
  return port;
}
