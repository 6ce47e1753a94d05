// @babblevoice/projectrtp as a server of the bench; see child.mjs for what is asked. Argument: where it is installed.
import { createRequire } from "node:module";
import { answer } from "./answering.mjs";

const folder = process.argv[2];
process.chdir(folder);
const { projectrtp } = createRequire(`${folder}/`)("@babblevoice/projectrtp");
projectrtp.run({ ports: { start: 10000, end: 29998 } });

const firstOf = new Map();

async function open(legs) {
  const places = [];
  for (const { far, payloadType, group } of legs) {
    const channel = await projectrtp.openchannel({ remote: { ...far, codec: payloadType } });
    places.push({ address: "127.0.0.1", port: channel.local.port });
    if (group === undefined) continue;
    const first = firstOf.get(group);
    if (first === undefined) firstOf.set(group, channel);
    else if (!(await first.mix(channel))) throw new Error("projectrtp does not mix");
  }
  return places;
}

answer({ open });
