import { CAUSES, type Cause } from "../../ts/control/causes.js";
import { ERRORS, type ErrorCode } from "../../ts/core/errors.js";
import { code, MADE, table, type Page } from "./page.js";

interface Advice {
  readonly means: string;
  readonly then: string;
}

const advice = (means: string, then: string): Advice => ({ means, then });

/** What each error means to whoever gets it, and what he does about it. */
const ADVICE: Readonly<Record<ErrorCode, Advice>> = {
  ARGUMENT_INVALID: advice(
    "A value is missing, of the wrong type or out of range.",
    "`field` names it, the message says what was expected.",
  ),
  NOT_CONNECTED: advice(
    "A verb was called before `run()`, or after the switch was stopped.",
    "Call `projectcontrol.run()` first.",
  ),
  DOMAIN_UNKNOWN: advice(
    "The directory has no such domain.",
    "Push it: `directory()` or `PUT /dir/{domain}`.",
  ),
  USER_UNKNOWN: advice("The domain has no such user.", "Add the user, or look at the spelling."),
  USER_NOT_REGISTERED: advice(
    "The user is known, but no phone of theirs is registered.",
    "Try again when they have registered, or send the call to voicemail.",
  ),
  GATEWAY_UNKNOWN: advice("No gateway (trunk) has this name.", "Add it, or look at the spelling."),
  GATEWAYS_FULL: advice("There are as many gateways as there may be.", "Remove one that is not used."),
  DESTINATION_UNREACHABLE: advice(
    "No server could be found or reached for this URI.",
    "Look at DNS and the network; `mediaswitch check` helps.",
  ),
  CALL_UNKNOWN: advice("There is no such call.", "It has ended, or the id is another's."),
  WEBHOOK_UNKNOWN: advice("There is no webhook of this name.", "Ask `GET /v1/webhooks`."),
  CALL_ENDED: advice(
    "The call ended before or while this was done.",
    "`cause` and `side` tell why and by whom.",
  ),
  CALL_REFUSED: advice(
    "A test phone's call or transfer was refused.",
    "The message has the SIP status and its meaning.",
  ),
  REGISTRATION_REFUSED: advice(
    "A test phone's registration was refused.",
    "Look at user, domain and password; the message has the SIP status.",
  ),
  NO_ANSWER: advice(
    "A test phone waited, and nothing came in time.",
    "The message says what for: an answer, a call, a key.",
  ),
  CALL_STATE: advice(
    "The call is not in a state in which this can be done.",
    "The message says which state it is in, and which is wanted.",
  ),
  MAX_FORWARDS_EXCEEDED: advice("The call went in circles.", "Look at what forwards to whom."),
  SDP_INVALID: advice("A session description breaks RFC 8866 or RFC 3264.", "The message says where."),
  MEDIA_NO_COMMON_CODEC: advice(
    "The two sides have no codec in common.",
    "Offer more: `projectcontrol.codecs`, `answer({ codecs })`.",
  ),
  MEDIA_CHANNEL_UNKNOWN: advice(
    "There is no such media channel.",
    "It was closed; its `closed` event told why.",
  ),
  MEDIA_MIXED_ELSEWHERE: advice(
    "The channel is in another mix already.",
    "Take it out there first (`unmix`).",
  ),
  MEDIA_ON_OTHER_SERVER: advice(
    "Who is in a group on one RTP server can't whisper to one channel of another.",
    "Open the second one `near` the first.",
  ),
  MEDIA_MIXED: advice("A channel in a mix can't do this by itself.", "Do it to the mix, or unmix first."),
  MEDIA_STATE: advice(
    "The channel is not in a state in which this can be done.",
    "The message says what is wanted.",
  ),
  MEDIA_FILE_UNKNOWN: advice(
    "No such file is below `--sounds-root`, in any codec.",
    "Look at the root, the name and the rights.",
  ),
  MEDIA_DRAINING: advice("The RTP server takes no new channels.", "Use another, or wait until it is back."),
  MEDIA_OUT_OF_PORTS: advice(
    "All UDP ports of `--ports` are in use.",
    "Widen the range or add an RTP server.",
  ),
  MEDIA_UNAVAILABLE: advice("The RTP server does not answer.", "Look at its log; others of the pool go on."),
  SIP_DRAINING: advice("The SIP server is going down and takes no new calls.", "Use another, or wait."),
  SIP_UNAVAILABLE: advice(
    "The SIP server does not answer.",
    "Look at its log; the directory is pushed when it is back.",
  ),
  CONTROL_UNAVAILABLE: advice(
    "Control does not answer.",
    "New callers hear 480 until it does; live calls go on.",
  ),
  NOT_ALLOWED: advice("A rule forbids it.", "Calls to trunks need one that allows them."),
  UNAUTHORIZED: advice(
    "The token is missing or wrong.",
    "Send `Authorization: Bearer …` with the `--token`.",
  ),
  ABORTED: advice("Whoever asked took it back (AbortSignal).", "Nothing; it is undone."),
  INTERNAL: advice("A fault of ours, or of a listener.", "The log has the stack; please report it."),
};

const yes = (is: boolean): string => (is ? "yes" : "no");

const causeRow = ({ name, code: status, reason, q850, source }: Cause): readonly string[] => [
  code(name),
  status === undefined ? "" : `${String(status)} ${reason ?? ""}`,
  q850 === undefined ? "" : String(q850),
  source,
];

export function errorsPage(): Page {
  const rows = Object.entries(ERRORS).map(([name, { fault, sip, http, retry }]) => {
    const { means, then } = ADVICE[name as ErrorCode];
    return [code(name), means, then, fault, String(sip), String(http), yes(retry)];
  });
  const text = `# Errors and causes

${MADE}

## Errors

What a verb rejects with is a \`MediaswitchError\` with one of these codes; over HTTP it is \`application/problem+json\`
(RFC 9457) with the same \`code\`. Fault: \`local\`, the interface was misused; \`remote\`, the far end refused or broke a protocol;
\`state\`, right request at the wrong moment. Again: whether the same request may work later.

${table(["code", "means", "what to do", "fault", "SIP", "HTTP", "again"], rows)}

## Causes

Why a call ended: names that \`hangup()\` takes and \`CallEnded\` tells, with SIP status and Q.850 value. Where a status has
several names, the last one is what it is called when it comes in.

${table(["name", "SIP", "Q.850", "source of the value"], CAUSES.map(causeRow))}
`;
  return { file: "errors.md", text };
}
