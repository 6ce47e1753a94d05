import { connect } from "node:net";
import type { SocketAddress } from "../../ts/core/socket-address.js";

/** Sends these very octets and gives back what comes until the server closes; `heardSome` runs when some came. */
export function rawExchange(
  to: SocketAddress,
  text: string,
  heardSome: () => void = () => undefined,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(to.port, to.address, () => socket.write(text));
    let heard = "";
    socket.setEncoding("utf8");
    socket.on("data", (data: string) => {
      heard += data;
      heardSome();
    });
    socket.on("end", () => {
      socket.end();
      resolve(heard);
    });
    socket.on("error", reject);
  });
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: unknown;
}

/** `body` is sent as it is; no content type unless one is given. */
export async function call(
  base: SocketAddress,
  method: string,
  path: string,
  body?: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`http://${base.address}:${base.port}${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: new TextEncoder().encode(body) }),
  });
  const text = await response.text();
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  return { status: response.status, headers: response.headers, text, json };
}
