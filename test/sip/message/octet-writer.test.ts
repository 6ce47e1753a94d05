import t from "tap";
import { octetsToBinary } from "../../../ts/sip/message/binary.js";
import { OctetWriter } from "../../../ts/sip/message/octet-writer.js";

t.test("texts share memory, and each is its own", (t) => {
  const writer = new OctetWriter(8);
  const texts = ["abc", "", "def", "gh", "longer than a piece of memory", "i", "\xe9".repeat(100), "j"];
  const taken = texts.map((text) => {
    writer.body(text);
    return writer.take();
  });
  t.strictSame(taken.map(octetsToBinary), texts);
  t.equal(taken[0]?.buffer, taken[2]?.buffer, "no memory of its own for each");
  t.end();
});

t.test("a text that its piece of memory turns out too small for is whole in the next", (t) => {
  const writer = new OctetWriter(8);
  writer.ascii("12345");
  const first = writer.take();
  for (const part of ["a", "bc", "defghi", "j"]) writer.line(part);
  writer.quoted('k"');
  t.equal(octetsToBinary(writer.take()), 'abcdefghij"k\\""');
  t.equal(octetsToBinary(first), "12345");
  t.end();
});

t.test("nothing is left of a text that was begun and not taken", (t) => {
  const writer = new OctetWriter(8);
  writer.ascii("abc");
  const first = writer.take();
  writer.begin();
  writer.ascii("torn");
  writer.begin();
  writer.ascii("whole");
  t.equal(octetsToBinary(writer.take()), "whole");
  t.equal(octetsToBinary(first), "abc");
  t.end();
});
