/** The shell over Node's resolver, against a DNS server of a few lines on the loopback interface. */
import { createSocket, type Socket } from "node:dgram";
import t from "tap";
import { nodeDns } from "../../../ts/sip/locate/node-dns.js";

const NEVER = new AbortController().signal;
const TYPES: Readonly<Record<number, string>> = { 1: "A", 28: "AAAA", 33: "SRV", 35: "NAPTR" };

const nameOctets = (name: string): Buffer =>
  Buffer.concat([
    ...name
      .split(".")
      .filter((label) => label !== "")
      .map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)])),
    Buffer.from([0]),
  ]);
const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
const words = (...values: number[]): Buffer => {
  const octets = Buffer.alloc(values.length * 2);
  values.forEach((value, index) => octets.writeUInt16BE(value, index * 2));
  return octets;
};

/** RFC 1035 §4.1: records by `TYPE name`; "refused" is RCODE 2; nothing at all is NXDOMAIN. */
type Zone = Readonly<Record<string, readonly Buffer[] | "SERVFAIL" | "silent">>;

async function serve(zone: Zone, ttl: number): Promise<{ server: string; socket: Socket }> {
  const socket = createSocket("udp4");
  socket.on("message", (query, from) => {
    let end = 12;
    const labels: string[] = [];
    for (let length = query[end] ?? 0; length > 0; length = query[end] ?? 0) {
      labels.push(query.subarray(end + 1, end + 1 + length).toString());
      end += 1 + length;
    }
    const type = query.readUInt16BE(end + 1);
    const found = zone[`${TYPES[type] ?? ""} ${labels.join(".").toLowerCase()}`];
    if (found === "silent") return;
    const records = found === "SERVFAIL" || found === undefined ? [] : found;
    const rcode = found === "SERVFAIL" ? 2 : found === undefined ? 3 : 0;
    const header = Buffer.concat([query.subarray(0, 2), words(0x8180 | rcode, 1, records.length, 0, 0)]);
    const answers = records.map((data) => Buffer.concat([words(0xc00c, type, 1, 0, ttl, data.length), data]));
    socket.send(Buffer.concat([header, query.subarray(12, end + 5), ...answers]), from.port, from.address);
  });
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return { server: `127.0.0.1:${socket.address().port}`, socket };
}

t.test("records as they stand in the answer; times to live of addresses", async (t) => {
  const { server, socket } = await serve(
    {
      "NAPTR example.com": [
        Buffer.concat([
          words(50, 60),
          text("s"),
          text("SIPS+D2T"),
          text(""),
          nameOctets("_sips._tcp.example.com"),
        ]),
      ],
      "SRV _sip._udp.example.com": [
        Buffer.concat([words(1, 2, 5070), nameOctets("a.example.com")]),
        Buffer.concat([words(0, 0, 0), nameOctets("")]),
      ],
      "A a.example.com": [Buffer.from([192, 0, 2, 1]), Buffer.from([192, 0, 2, 2])],
      "AAAA a.example.com": [Buffer.from("20010db8000000000000000000000007", "hex")],
    },
    77,
  );
  t.teardown(() => socket.close());
  const dns = nodeDns({ servers: [server] });
  t.strictSame(await dns.naptr("example.com", NEVER), {
    records: [
      {
        order: 50,
        preference: 60,
        flags: "s",
        service: "SIPS+D2T",
        regexp: "",
        replacement: "_sips._tcp.example.com",
      },
    ],
  });
  const { records } = await dns.srv("_sip._udp.example.com", NEVER);
  t.match(records[0], { priority: 1, weight: 2, port: 5070, target: "a.example.com" });
  t.match(records[1]?.target, /^\.?$/, 'the name "."');
  t.strictSame(await dns.a("a.example.com", NEVER), { records: ["192.0.2.1", "192.0.2.2"], ttl: 77 });
  t.strictSame(await dns.aaaa("a.example.com", NEVER), { records: ["2001:db8::7"], ttl: 77 });
});

t.test("no such name is an answer, a failure and silence are none", async (t) => {
  const { server, socket } = await serve(
    { "SRV broken.example": "SERVFAIL", "A slow.example": "silent", "NAPTR empty.example": [] },
    1,
  );
  t.teardown(() => socket.close());
  const dns = nodeDns({ servers: [server], timeout: 50, tries: 1 });
  t.strictSame(await dns.srv("nowhere.example", NEVER), { records: [] });
  t.strictSame(await dns.naptr("empty.example", NEVER), { records: [] });
  await t.rejects(dns.srv("broken.example", NEVER), { code: "ESERVFAIL" });
  await t.rejects(dns.a("slow.example", NEVER), { code: "ETIMEOUT" });
  const controller = new AbortController();
  const waiting = dns.a("slow.example", controller.signal);
  controller.abort();
  await t.rejects(waiting, { message: /aborted/ });
  await t.rejects(dns.a("slow.example", AbortSignal.abort()), { message: /aborted/ });
});

t.test("RFC 6761 §6.3: localhost is asked of nobody", async (t) => {
  const dns = nodeDns({ servers: ["127.0.0.1:1"], timeout: 50, tries: 1 });
  t.strictSame((await dns.a("localhost", NEVER)).records, ["127.0.0.1"]);
});
