import t from "tap";
import { insideOf, isNetwork } from "../../ts/core/networks.js";

t.test("what is a network", (t) => {
  for (const text of ["192.0.2.1", "192.0.2.0/24", "0.0.0.0/0", "2001:db8::1", "2001:db8::/32"]) {
    t.equal(isNetwork(text), true, text);
  }
  for (const text of [
    "",
    "example.com",
    "192.0.2.0/33",
    "192.0.2.0/",
    "/24",
    "192.0.2.256",
    "fe80::1%eth0",
    "::/129",
  ]) {
    t.equal(isNetwork(text), false, text);
  }
  t.end();
});

t.test("what is inside", (t) => {
  const inside = insideOf(["192.0.2.0/24", "198.51.100.7", "2001:db8::/32"]);
  for (const address of ["192.0.2.255", "198.51.100.7", "2001:db8:ffff::1", "::ffff:192.0.2.1"]) {
    t.equal(inside(address), true, address);
  }
  for (const address of ["192.0.3.1", "198.51.100.8", "2001:db9::1", "", "example.com"]) {
    t.equal(inside(address), false, address);
  }
  t.equal(insideOf([])("192.0.2.1"), false);
  t.end();
});
