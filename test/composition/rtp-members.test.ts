import t from "tap";
import { readRtpServers, rtpServersOf } from "../../ts/composition/rtp-members.js";

const texts: [text: string, read: object[]][] = [
  ["http://127.0.0.1:9002", [{ url: "http://127.0.0.1:9002" }]],
  ["http://a:9002/, https://b/x//", [{ url: "http://a:9002" }, { url: "https://b/x" }]],
  ["http://[::1]:9002;weight=2", [{ url: "http://[::1]:9002", weight: 2 }]],
  [
    "http://a;weight=0.5,http://b;weight=10",
    [
      { url: "http://a", weight: 0.5 },
      { url: "http://b", weight: 10 },
    ],
  ],
];

for (const [text, read] of texts) {
  t.test(text, (t) => {
    t.same(readRtpServers(text), read);
    t.end();
  });
}

for (const text of [
  "",
  "a:9002",
  "ftp://a",
  "http://",
  "http://a;weight=0",
  "http://a;load=1",
  "http://a,,http://b",
]) {
  t.test(`not ${text}`, (t) => {
    t.throws(() => readRtpServers(text), /expected http URLs/);
    t.end();
  });
}

t.test("what a script has set", (t) => {
  t.same(
    rtpServersOf([
      { host: "192.0.2.1", port: 9002 },
      { host: "2001:db8::1", port: 80, weight: 3 },
    ]),
    [{ url: "http://192.0.2.1:9002" }, { url: "http://[2001:db8::1]:80", weight: 3 }],
  );
  t.end();
});
