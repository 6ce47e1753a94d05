import t from "tap";
import { eventReader } from "../../web/model/event-text.js";

const TEXT = 'retry: 2000\n\nevent: calls\ndata: {"a":1}\n\n: still here\n\ndata: first\ndata: second\n\n';

t.test("events, however their text is cut", async (t) => {
  const all = [
    { type: "calls", data: '{"a":1}' },
    { type: "message", data: "first\nsecond" },
  ];
  t.same(eventReader()(TEXT), all);
  for (let size = 1; size < TEXT.length; size += 1) {
    const read = eventReader();
    const events = [];
    for (let at = 0; at < TEXT.length; at += size) events.push(...read(TEXT.slice(at, at + size)));
    t.same(events, all, `in pieces of ${size}`);
  }
});
