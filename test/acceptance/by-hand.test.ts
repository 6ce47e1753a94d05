/** What the seed's face offers beside its verbs: a call made by hand, by real components; telephones and audio are real. */
import t from "tap";
import type { Call } from "../../ts/control/call.js";
import type { ChannelRequest } from "../../ts/control/script-channel.js";
import { projectcontrol } from "../../ts/projectcontrol.js";
import { eventually } from "../interop/support/eventually.js";
import { Changes } from "./support/changes.js";
import { ask, DOMAIN, idle, openComponents, USERS } from "./support/components.js";

const ANNOUNCEMENT = 900;

t.test("a channel, requests to the components, and dialog actions of the script's own", async (t) => {
  const changes = new Changes();
  const ended: string[] = [];
  const codes: number[] = [];
  const told: string[] = [];
  let inbound: Call | undefined;
  const request: ChannelRequest = { codecs: ["pcmu", "2833"] };
  const byHand = async (call: Call): Promise<void> => {
    await call.postrequest("ring", {});
    await projectcontrol.createchannel(call, request, (channel) => {
      told.push(`channel ${String(channel?.codecs?.join(" "))}`);
    });
    const { port, address } = remoteOf(call);
    const path = `/channel/${call.metadata.channel?.uuid ?? ""}`;
    const count = (reply: { code: number }): number => codes.push(reply.code);
    await projectcontrol.rtpserver(
      { ip: address, port, audio: { payloads: [0] } },
      `/channel/target/${path.slice("/channel/".length)}`,
      "PUT",
      count,
    );
    await projectcontrol.rtpserver(
      { files: [{ tone: `${String(ANNOUNCEMENT)}*0.3:1000` }], loop: true },
      `${path}/play`,
      "PUT",
      count,
    );
    await call.postrequest("answer", { sdp: request.sdp ?? {} });
  };
  projectcontrol.onreg = ({ user }) => told.push(`registered ${user}`);
  projectcontrol.ondereg = ({ user }) => {
    told.push(`gone ${user}`);
    changes.tell();
  };
  projectcontrol.onhangup = (call) => {
    ended.push(call.callid);
    changes.tell();
  };
  projectcontrol.onnewcall = (call) => {
    inbound = call;
    void byHand(call);
  };
  projectcontrol.handlers["GET"] = {
    whoami: (parts, _request, response) => {
      response.writeHead(200);
      response.end(`${parts.join("/")} of ${String(Object.keys(projectcontrol.calls).length)}`);
    },
  };
  const { control, held, phone } = await openComponents(t);
  await projectcontrol.sipserver({ control, users: USERS }, `/dir/${DOMAIN}`, "PUT", ({ code }) =>
    codes.push(code),
  );

  const anne = await phone("1000", 400);
  const call = await anne.call("9");
  await call.gets(180);
  await call.answered();
  await call.voice.hears(ANNOUNCEMENT);
  t.match(request.sdp, { o: { username: "-" }, m: [{ payloads: [0, 101], direction: "sendrecv" }] });
  const route = await ask(control, "GET", "/whoami/here");
  t.equal(await route.text(), "whoami/here of 1", "a route of the script's own");
  inbound?.clearcallbacks();
  await call.hangup();
  await eventually(5_000, held, idle);
  t.strictSame(await held(), { calls: 0, channels: 0 }, "what happens by default goes on");
  t.strictSame(ended, [call.callId], "and so do the callbacks of all calls");
  await anne.register(0);
  await changes.until("the end of the registration", () => told.find((line) => line === "gone 1000"));
  t.strictSame(told, ["registered 1000", "channel pcmu 2833", "gone 1000"]);
  t.strictSame(
    codes.map((code) => Math.floor(code / 100)),
    [2, 2, 2],
  );
});

function remoteOf(call: Call): { address: string; port: number } {
  const { them = "" } = call.info.sdp;
  const [, address = ""] = /^c=IN IP4 (\S+)/m.exec(them) ?? [];
  const [, port = ""] = /^m=audio (\d+)/m.exec(them) ?? [];
  return { address, port: Number(port) };
}
