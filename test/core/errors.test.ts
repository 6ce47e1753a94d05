import t from "tap";
import {
  ERRORS,
  MediaswitchError,
  fromErrorRecord,
  toErrorRecord,
  type ErrorRecord,
} from "../../ts/core/errors.js";

t.test("an error keeps its code, field and statuses over a wire", (t) => {
  const error = new MediaswitchError("USER_NOT_REGISTERED", "1003 is not registered", "to.user");
  const back = fromErrorRecord(JSON.parse(JSON.stringify(toErrorRecord(error))) as ErrorRecord);
  t.strictSame(
    [back.code, back.message, back.field, back.sipStatus, back.httpStatus],
    ["USER_NOT_REGISTERED", "1003 is not registered", "to.user", 480, 480],
  );
  t.notOk("field" in toErrorRecord(new MediaswitchError("INTERNAL", "x")));
  t.end();
});

t.test("a foreign error is INTERNAL and keeps its message", (t) => {
  t.strictSame(toErrorRecord(new TypeError("oh")), { code: "INTERNAL", message: "oh" });
  t.strictSame(toErrorRecord("oh"), { code: "INTERNAL", message: "oh" });
  t.end();
});

t.test("every status in the table is a failure", (t) => {
  for (const [code, { sip, http }] of Object.entries(ERRORS)) {
    t.ok(sip >= 400 && sip <= 699 && http >= 400 && http <= 599, code);
  }
  t.end();
});
