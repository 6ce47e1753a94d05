// Tries an installed mediaswitch as its user would: a script that answers and plays a tone, `mediaswitch start`, and a
// phone that calls it and listens. The phone is a few lines of its own; nothing of the switch is in it.
//
//   node tools/try-installed.mjs folder     the folder whose node_modules has mediaswitch
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

const ADDRESS = "127.0.0.1";
/** Milliseconds: for the switch to listen, for the call to be answered, for the tone to be heard. */
const PATIENCE = 120_000;
/** Packets of 20 ms with a tone in them that have to be heard. */
const ENOUGH = 25;

const RUNNING = "mediaswitch is running.";

const SCRIPT = `import { app } from "mediaswitch";
app.oncall(async (call) => {
  await call.answer();
  await call.play({ tone: "440*0.5:10000" });
});
await app.run();
`;

const folder = resolve(process.argv[2] ?? ".");
const hex = (octets) => randomBytes(octets).toString("hex");

function within(promise, what) {
  const signal = AbortSignal.timeout(PATIENCE);
  const late = once(signal, "abort").then(() => {
    throw new Error(`${what}: nothing after ${PATIENCE / 1000} s`);
  });
  return Promise.race([promise, late]);
}

async function freeTcpPort() {
  const server = createServer().listen(0, ADDRESS);
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

async function udpSocket() {
  const socket = createSocket("udp4");
  socket.bind(0, ADDRESS);
  await once(socket, "listening");
  return socket;
}

/** `mediaswitch start`. `running` is settled when it says so, which is when the script takes calls. */
async function startSwitch(port) {
  const file = join(folder, "answer-and-play.mjs");
  writeFileSync(file, SCRIPT);
  const flags = Object.entries({
    "sip-address": ADDRESS,
    "sip-port": port,
    "media-address": ADDRESS,
    trust: `${ADDRESS}/32`,
    ports: "33000-33099",
    "sip-http-port": await freeTcpPort(),
    "rtp-http-port": await freeTcpPort(),
    "control-http-port": await freeTcpPort(),
  }).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const program = join(folder, "node_modules", ".bin", "mediaswitch");
  const child = spawn(program, ["start", file, ...flags], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let told = "";
  const ended = once(child, "close");
  const running = new Promise((done, failed) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        told += text;
        if (told.includes(RUNNING)) done();
      });
    }
    ended.then(() => failed(new Error("the switch ended before it ran")), failed);
  });
  return { child, ended, running, told: () => told };
}

/** The far side's address in a session description. */
function mediaOf(sdp) {
  return {
    address: /^c=IN IP4 (\S+)/m.exec(sdp)?.[1] ?? ADDRESS,
    port: Number(/^m=audio (\d+)/m.exec(sdp)?.[1]),
  };
}

const headerOf = (message, name) => new RegExp(`^${name}: *(.*?)\\r?$`, "im").exec(message)?.[1];

/** Calls, listens until the tone was heard, and hangs up. */
async function call(port) {
  const [signalling, media] = [await udpSocket(), await udpSocket()];
  const [callId, tag, user] = [hex(8), hex(4), "phone"];
  const ours = `${ADDRESS}:${signalling.address().port}`;
  const target = `sip:anyone@${ADDRESS}:${port}`;
  let to = `<${target}>`;
  const send = (method, seq, uri, body = "") => {
    const lines = [
      `${method} ${uri} SIP/2.0`,
      `Via: SIP/2.0/UDP ${ours};branch=z9hG4bK${hex(8)};rport`,
      `From: <sip:${user}@${ours}>;tag=${tag}`,
      `To: ${to}`,
      `Call-ID: ${callId}`,
      `CSeq: ${seq} ${method}`,
      `Contact: <sip:${user}@${ours}>`,
      "Max-Forwards: 70",
      ...(body === "" ? [] : ["Content-Type: application/sdp"]),
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    signalling.send(`${lines.join("\r\n")}\r\n\r\n${body}`, port, ADDRESS);
  };
  const answerTo = (method) =>
    within(
      new Promise((done, failed) => {
        signalling.on("message", (octets) => {
          const message = octets.toString();
          const status = Number(/^SIP\/2\.0 (\d+)/.exec(message)?.[1]);
          if (!headerOf(message, "CSeq")?.endsWith(method) || !(status >= 200)) return;
          if (status < 300) done(message);
          else failed(new Error(`${method}: ${message.split("\r\n")[0]}`));
        });
      }),
      `answer to ${method}`,
    );

  const offer = [
    "v=0",
    `o=- 1 1 IN IP4 ${ADDRESS}`,
    "s=-",
    `c=IN IP4 ${ADDRESS}`,
    "t=0 0",
    `m=audio ${media.address().port} RTP/AVP 0`,
    "a=rtpmap:0 PCMU/8000",
    "",
  ].join("\r\n");
  try {
    // µ-law's two silences are 0x7f and 0xff; a packet with sound in it has others.
    let heard = 0;
    const listened = within(
      new Promise((done) => {
        media.on("message", (packet) => {
          if ((packet[1] & 0x7f) !== 0 || packet.subarray(12).every((octet) => (octet & 0x7f) > 0x7c)) return;
          heard += 1;
          if (heard >= ENOUGH) done();
        });
      }),
      "the tone",
    );
    listened.catch(() => undefined);
    const answered = answerTo("INVITE");
    send("INVITE", 1, target, offer);
    const answer = await answered;
    to = headerOf(answer, "To") ?? to;
    const contact = /<(.*)>/.exec(headerOf(answer, "Contact") ?? "")?.[1] ?? target;
    send("ACK", 1, contact);

    const far = mediaOf(answer);
    const silence = Buffer.alloc(12 + 160, 0xff);
    silence.writeUInt16BE(0x8000, 0);
    const speaking = setInterval(() => {
      silence.writeUInt16BE((silence.readUInt16BE(2) + 1) & 0xffff, 2);
      silence.writeUInt32BE((silence.readUInt32BE(4) + 160) >>> 0, 4);
      media.send(silence, far.port, far.address);
    }, 20);
    try {
      await listened;
    } finally {
      clearInterval(speaking);
    }
    const ended = answerTo("BYE");
    send("BYE", 2, contact);
    await ended;
    return heard;
  } finally {
    signalling.close();
    media.close();
  }
}

const port = await freeTcpPort();
const { child, ended, running, told } = await startSwitch(port);
try {
  await within(running, "the switch starting");
  const heard = await call(port);
  child.kill("SIGTERM");
  const [code] = await within(ended, "the switch ending");
  if (code !== 0) throw new Error(`the switch ended with ${code} after SIGTERM`);
  console.log(`a call was answered, ${heard} packets of its tone were heard, and the switch ended well`);
  process.exit(0);
} catch (error) {
  child.kill("SIGKILL");
  console.error(`${told()}\ntry-installed: ${error.message}`);
  process.exit(1);
}
