/** What a failure is to the call, and how loud it is told to the operator. */
import t from "tap";
import { callError, isEveryday } from "../../ts/control/call-error.js";
import { ChannelUnavailable } from "../../ts/control/channel.js";
import { MediaswitchError, type ErrorCode } from "../../ts/core/errors.js";

const error = (code: ErrorCode): MediaswitchError => new MediaswitchError(code, "told to fail");

t.test("the status that the far end is told", async (t) => {
  t.match(callError(error("USER_NOT_REGISTERED")), { code: 480, message: "told to fail" });
  t.match(callError(error("MEDIA_NO_COMMON_CODEC")), { code: 488 });
  t.match(callError(error("MEDIA_OUT_OF_PORTS")), { code: 503 });
  t.match(callError(error("ARGUMENT_INVALID")), { code: 500 }, "the script's mistake is not the caller's");
  t.match(callError(new TypeError("oops")), { code: 500, message: "oops" });
  const none = new ChannelUnavailable(error("MEDIA_OUT_OF_PORTS"));
  t.same(callError(none), { code: 480, message: "Unable to create channel" });
});

t.test("somebody is not there, or will not: no error of ours", async (t) => {
  const everyday: ErrorCode[] = [
    "USER_NOT_REGISTERED",
    "USER_UNKNOWN",
    "CALL_REFUSED",
    "NO_ANSWER",
    "SDP_INVALID",
  ];
  for (const code of everyday) t.ok(isEveryday(error(code)), code);
  const ours: ErrorCode[] = ["ARGUMENT_INVALID", "MEDIA_OUT_OF_PORTS", "INTERNAL", "SIP_UNAVAILABLE"];
  for (const code of ours) t.notOk(isEveryday(error(code)), code);
  t.notOk(isEveryday(new TypeError("oops")));
});
