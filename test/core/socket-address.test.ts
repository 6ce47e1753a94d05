import t from "tap";
import { formatSocketAddress, isNumericAddress } from "../../ts/core/socket-address.js";

t.test("IPv6 gets its brackets", (t) => {
  t.equal(formatSocketAddress({ address: "192.0.2.1", port: 5060 }), "192.0.2.1:5060");
  t.equal(formatSocketAddress({ address: "2001:db8::1", port: 5060 }), "[2001:db8::1]:5060");
  t.end();
});

t.test("numeric addresses, and what only looks like one", (t) => {
  for (const address of ["192.0.2.1", "::1", "2001:db8::1"]) t.ok(isNumericAddress(address), address);
  for (const name of ["example.org", "192.0.2", "1.2.3.4.5", "localhost", "", "[::1]"]) {
    t.notOk(isNumericAddress(name), name);
  }
  t.end();
});
