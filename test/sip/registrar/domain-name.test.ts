import t from "tap";
import { domainName } from "../../../ts/sip/registrar/domain-name.js";

const spellings: readonly [text: string, name: string][] = [
  ["example.com", "example.com"],
  ["EXAMPLE.Com", "example.com"],
  ["example.com:5060", "example.com"],
  ["192.0.2.1:5070", "192.0.2.1"],
  ["[2001:DB8::1]", "[2001:db8::1]"],
  ["[2001:db8::1]:5060", "[2001:db8::1]"],
  ["2001:db8::1", "[2001:db8::1]"],
  ["", ""],
];
for (const [text, name] of spellings) {
  t.test(`"${text}" is "${name}"`, (t) => {
    t.equal(domainName(text), name);
    t.equal(domainName(name), name, "and stays so");
    t.end();
  });
}

t.test("what is no host name is not made one", (t) => {
  for (const text of ["sip:a@b", "example.com:", "a:b:5060"])
    t.equal(domainName(text).includes(":"), true, text);
  t.end();
});
