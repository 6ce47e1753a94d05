import t from "tap";
import { binaryToOctets } from "../../../ts/sip/message/binary.js";
import { NameTable } from "../../../ts/sip/message/name-table.js";

t.test("names in any case, found inside a message", (t) => {
  const table = new NameTable([
    ["Via", 1],
    ["v", 2],
    ["via-x", 3],
    ["vxa", 4],
  ]);
  const find = (text: string): number | undefined =>
    table.find(binaryToOctets(`<<${text}>>`), 2, 2 + text.length);
  t.equal(find("via"), 1);
  t.equal(find("VIA"), 1);
  t.equal(find("V"), 2);
  t.equal(find("vIA-X"), 3);
  t.equal(find("vxa"), 4, "same length, same first and last letter");
  t.equal(find("viax#"), undefined, "in the slot of via, which it begins with");
  for (const none of ["", "vi", "vja", "viaa", "v\xc9a", "w"]) t.equal(find(none), undefined, none);
  t.end();
});
