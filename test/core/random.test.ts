import t from "tap";
import { hexToken, uuid, type Random } from "../../ts/core/random.js";

const counting: Random = { bytes: (count) => Uint8Array.from({ length: count }, (_, index) => index * 17) };

t.test("a token has two characters an octet", (t) => {
  t.equal(hexToken(counting, 4), "00112233");
  t.end();
});

t.test("a UUID carries version 4 and the RFC 9562 variant", (t) => {
  t.match(uuid(counting), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  t.end();
});
