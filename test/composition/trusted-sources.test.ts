import t from "tap";
import { trustedSources } from "../../ts/composition/trusted-sources.js";

t.test("sources that need no digest", (t) => {
  const isTrusted = trustedSources(["192.0.2.0/24", "198.51.100.7", "2001:db8::/32"]);
  const rows: [address: string, trusted: boolean][] = [
    ["192.0.2.0", true],
    ["192.0.2.255", true],
    ["192.0.3.0", false],
    ["198.51.100.7", true],
    ["198.51.100.8", false],
    ["::ffff:192.0.2.9", true],
    ["2001:db8:ffff::1", true],
    ["2001:db9::1", false],
    ["not an address", false],
    ["", false],
  ];
  for (const [address, trusted] of rows) t.equal(isTrusted(address), trusted, address);
  t.equal(trustedSources([])("127.0.0.1"), false, "nobody, unless told");
  t.end();
});
