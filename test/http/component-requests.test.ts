import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import t, { type Test } from "tap";
import { HttpClient } from "../../ts/http/client.js";
import { componentRequests } from "../../ts/http/component-requests.js";

interface Peer {
  readonly port: number;
  readonly seen: string[];
}

async function peer(t: Test): Promise<Peer> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method, url, headers } = request;
      seen.push(
        `${String(method)} ${String(url)} ${String(headers.authorization)} ${Buffer.concat(chunks).toString()}`,
      );
      response.writeHead(url === "/missing" ? 404 : 200).end(JSON.stringify({ url }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => server.close());
  return { port: (server.address() as AddressInfo).port, seen };
}

t.test("J016: a reply is status, phrase and JSON, whatever the status", async (t) => {
  const { port, seen } = await peer(t);
  const client = new HttpClient({ token: "secret" });
  t.teardown(() => client.close());
  const requests = componentRequests({ client, sip: `http://127.0.0.1:${String(port)}` });
  t.same(await requests("sip", { method: "PUT", path: "/dir/d", body: { users: [] } }), {
    code: 200,
    message: "OK",
    json: { url: "/dir/d" },
  });
  t.match(await requests("sip", { method: "GET", path: "/missing" }), { code: 404, message: "Not Found" });
  t.same(seen, ['PUT /dir/d Bearer secret {"users":[]}', "GET /missing Bearer secret "]);
});

t.test("who is none of ours is not shown the token", async (t) => {
  const { port, seen } = await peer(t);
  const client = new HttpClient({ token: "secret" });
  t.teardown(() => client.close());
  await componentRequests({ client })({ host: "127.0.0.1", port }, { method: "POST", path: "/x", body: {} });
  t.same(seen, ["POST /x undefined {}"]);
});

t.test("J016: nobody there, an address that is not known, and a method that is none are 500", async (t) => {
  const client = new HttpClient({ timeout: 500 });
  t.teardown(() => client.close());
  const requests = componentRequests({ client, rtp: "http://127.0.0.1:1" });
  t.match(await requests("rtp", { method: "GET", path: "/" }), { code: 500, message: /ECONNREFUSED/ });
  t.match(await requests("sip", { method: "GET", path: "/" }), { code: 500 });
  t.match(await requests("rtp", { method: "BREW", path: "/" }), { code: 500, message: /BREW/ });
});
