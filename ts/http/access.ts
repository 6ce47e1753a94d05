import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { equalInConstantTime } from "../core/hash.js";
import { hostOf, isLoopback, isPublicName } from "./loopback.js";
import { HttpRefusal } from "./problem.js";

/**
 * Whether a request may come in.
 * @param token what it has to carry; without one only this machine reaches us.
 * @throws {HttpRefusal}
 */
export function checkAccess(
  { headers, method }: Pick<IncomingMessage, "headers" | "method">,
  token: string | undefined,
): void {
  if (token === undefined || token === "") {
    refuseForeignPages(headers);
    refuseOtherOrigins(headers, method);
  } else {
    requireToken(headers, token);
  }
}

function requireToken({ authorization = "" }: IncomingHttpHeaders, token: string): void {
  const given = /^Bearer +(.+)$/i.exec(authorization)?.[1];
  if (given !== undefined && equalInConstantTime(given.trim(), token)) return;
  throw new HttpRefusal(401, "expected the header Authorization: Bearer <token> with this switch's token", {
    "WWW-Authenticate": "Bearer",
  });
}

/**
 * Without a token only this machine reaches us, but a web page open in a browser on it could be foreign: one
 * that posts here (it has an Origin), or one whose own name was made to resolve to 127.0.0.1.
 */
function refuseForeignPages({ origin, host }: IncomingHttpHeaders): void {
  if (origin !== undefined && !isLoopback(hostOf(origin.replace(/^https?:\/\//i, "")))) {
    throw new HttpRefusal(403, "requests of web pages from elsewhere are not taken without a token");
  }
  if (host !== undefined && isPublicName(hostOf(host))) {
    throw new HttpRefusal(403, `without a token, address this switch as 127.0.0.1 or localhost, not ${host}`);
  }
}

/**
 * A page of another server on this machine is foreign, too. Browsers say so themselves (the W3C's Fetch Metadata):
 * it may lead its visitor here, and no more.
 */
function refuseOtherOrigins(headers: IncomingHttpHeaders, method: string | undefined): void {
  const site = headers["sec-fetch-site"];
  if (site === undefined || site === "same-origin" || site === "none") return;
  if (headers["sec-fetch-mode"] === "navigate" && method === "GET") return;
  throw new HttpRefusal(403, "requests of other web pages are not taken without a token");
}
