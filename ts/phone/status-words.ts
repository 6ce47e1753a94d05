/** What a final SIP status means to somebody who called or registered (RFC 3261 §21), in words. */
const WORDS: Readonly<Record<number, string>> = {
  300: "the number has several addresses, and none of them was called",
  301: "the number has moved for good",
  302: "the number is somewhere else for now",
  400: "the far end could not read the request",
  401: "user name or password were not taken",
  402: "the far end wants to be paid first",
  403: "the far end forbids it: user name, password or what may be called",
  404: "there is no such number",
  405: "the far end does not take this kind of request",
  406: "the far end can do nothing with the request",
  407: "user name or password were not taken by the proxy",
  408: "nobody answered in time",
  410: "the number is there no more",
  415: "the far end can't read the session description",
  420: "the far end does not know an extension that is wanted",
  421: "the far end wants an extension that this phone does not have",
  423: "the time asked for is too brief",
  480: "nobody is there now: no phone is registered, or nobody picked up",
  481: "the far end knows nothing of this call",
  482: "the call goes in circles",
  483: "the call goes by too many servers, or in circles",
  484: "the number is not complete",
  486: "the line is busy",
  487: "the call was given up before it was answered",
  488: "there is no codec that both sides have, or something else of the offered audio was not taken",
  491: "both sides wanted to change the call at once",
  500: "the server has failed",
  501: "the server can't do that",
  502: "a server behind the server has failed",
  503: "the server is too busy, being ended, or can't reach what is behind it",
  504: "a server behind the server did not answer in time",
  513: "the message is too large for the server",
  600: "everybody who could answer is busy",
  603: "the call was declined",
  604: "there is no such number anywhere",
  606: "the audio that was offered is not acceptable anywhere",
  607: "whoever was called does not want this caller",
  608: "an intermediary has refused the call",
};

/** By the hundred, where a status is not known (RFC 3261 §8.1.3.2). */
const CLASSES: Readonly<Record<number, string>> = {
  3: "the number is somewhere else",
  4: "the far end refuses it",
  5: "the server has failed",
  6: "nobody anywhere takes the call",
};

export const statusWords = (status: number): string =>
  WORDS[status] ?? CLASSES[Math.floor(status / 100)] ?? "the far end gave no answer that is known";
