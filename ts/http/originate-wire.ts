import { z } from "zod";
import { flatInviteBody, inviteBody, oneCall } from "./sip-wire.js";
import { name } from "./wire.js";

/** `POST <control>/invite`, in the nested shape. Whose events they are is no question here, nor what the audio is. */
const nested = inviteBody
  .pick({ from: true, maxforwards: true, cid: true, control: true, sdp: true })
  .extend({
    from: z.strictObject({ user: name, domain: name, authsecret: z.string().exactOptional() }),
    to: z.strictObject({ user: name, domain: name.exactOptional() }),
  });

export const originateBody = z.preprocess(oneCall, nested);

/** As the seed's `POST <sip>/dialog/invite` has them. */
export const ORIGINATE_SHAPES = [
  nested,
  flatInviteBody,
  z.array(nested).length(1),
  z.array(flatInviteBody).length(1),
];
