// The call script of the bench: whoever calls is connected to the callee.
import { BroadcastChannel } from "node:worker_threads";
import { projectcontrol } from "mediaswitch";
import { CALLEE, DOMAIN, SECRET, USERS, userName } from "../plan.mjs";
import { liveOctets } from "./answers.mjs";

const users = Array.from({ length: USERS }, (_, index) => ({ username: userName(index), secret: SECRET }));
projectcontrol.directory(DOMAIN, users);
const domain = `${CALLEE}:${process.env.BENCH_CALLEE_PORT}`;
projectcontrol.onnewcall = (call) => {
  call.newcall({ to: { user: "callee", domain } });
};

// Memory of this thread can be read by this thread alone.
const channel = new BroadcastChannel("bench memory");
channel.onmessage = ({ data }) => {
  if (data === "?") channel.postMessage({ octets: liveOctets() });
};
channel.unref();

await projectcontrol.run();
