// npm `sip` with the least that makes it a registrar with digest and a stateful proxy that stays in the path.
import { createRequire } from "node:module";
import { CALLEE, DOMAIN, SECRET, SERVER, USERS, userName } from "../plan.mjs";
import { answer, liveOctets } from "./answers.mjs";

const require = createRequire(import.meta.url);
const sip = require("sip");
const digest = require("sip/digest");
const proxy = require("sip/proxy");

const [port, calleePort] = process.argv.slice(2).map(Number);
const users = new Map(
  Array.from({ length: USERS }, (_, index) => [userName(index), { session: { realm: DOMAIN } }]),
);
const callee = `sip:callee@${CALLEE}:${String(calleePort)}`;
const ownRoute = `sip:${SERVER}:${String(port)};lr`;

function register(request) {
  const user = sip.parseUri(request.headers.to.uri).user;
  const account = users.get(user);
  if (account === undefined) return proxy.send(sip.makeResponse(request, 404, "Not Found"));
  if (!digest.authenticateRequest(account.session, request, { user, password: SECRET })) {
    return proxy.send(digest.challenge(account.session, sip.makeResponse(request, 401, "Unauthorized")));
  }
  account.contact = request.headers.contact;
  const response = sip.makeResponse(request, 200, "OK");
  response.headers.to.params.tag = String(Math.random()).slice(2);
  response.headers.contact = request.headers.contact;
  return proxy.send(response);
}

function relay(request) {
  request.headers["max-forwards"] = String(Number(request.headers["max-forwards"] ?? 70) - 1);
  if (request.headers.to.params.tag === undefined) {
    proxy.send(sip.makeResponse(request, 100, "Trying"));
    request.headers["record-route"] = [
      { uri: ownRoute, params: {} },
      ...(request.headers["record-route"] ?? []),
    ];
    request.uri = callee;
  } else if (request.headers.route !== undefined) {
    request.headers.route.shift();
    if (request.headers.route.length === 0) delete request.headers.route;
  }
  if (request.method === "ACK") sip.send(request);
  else proxy.send(request);
}

proxy.start({ address: SERVER, port, tcp: false, publicAddress: SERVER, hostname: SERVER }, (request) => {
  if (request.method === "REGISTER") register(request);
  else if (request.method === "OPTIONS") proxy.send(sip.makeResponse(request, 200, "OK"));
  else relay(request);
});

answer({ ready: () => ({ port }), memory: () => ({ octets: liveOctets() }) });
