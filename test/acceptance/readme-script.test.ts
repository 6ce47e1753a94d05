/**
 * The example script of the seed's README, word for word, through real SIP and media. `require("projectcontrol")` gives the
 * control of this process.
 */
import t from "tap";
import type { ProjectControl } from "../../ts/control/projectcontrol.js";
import { Exchange } from "./support/exchange.js";

const SETTINGS = `
const projectcontrol = require( "projectcontrol" )

projectcontrol.directory( "bling.babblevoice.com", [ { "username": "1003", "secret": "1123654789" } ] )

projectcontrol.codecs = [ "722", "pcma", "pcmu", "ilbc", "2833" ]
`;

const LOGGING = `
projectcontrol.onnewcall = ( call ) =>
{
  console.log( "new call" )
}
`;

const DIALLING = `
projectcontrol.onnewcall = ( call ) =>
{
  console.log( "new call" )

  call.onhangup = () =>
  {
    console.log( "hung up" )
  }

  /* Indicate ringing to the caller - not needed as the second leg ringing signal will be passed back */
  call.ring()

  /* Make a call */
  if( "3" == call.destination )
  {
    call.newcall( { to: { user: "1003" } } )
  }
}
`;

const RUN = `
projectcontrol.run()
`;

type Script = (require: (name: string) => ProjectControl, console: { log: (line: string) => void }) => void;

/** As a CommonJS file would be run. @returns what it prints. */
function play(text: string, projectcontrol: ProjectControl): string[] {
  const printed: string[] = [];
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the script is a text
  const script = new Function("require", "console", text) as Script;
  const require = (name: string): ProjectControl => {
    if (name !== "projectcontrol") throw new Error(`no module ${name}`);
    return projectcontrol;
  };
  script(require, { log: (line) => printed.push(line) });
  return printed;
}

t.test("register 1003, call 3, the ringing is passed back, talk, hang up", async (t) => {
  let printed: string[] = [];
  const exchange = await Exchange.open(t, (projectcontrol) => {
    printed = play(SETTINGS + LOGGING + DIALLING + RUN, projectcontrol);
  });
  const callee = await exchange.phone("1003");
  // The directory of the example has one user: it is who calls as well, from another telephone.
  const caller = await exchange.stranger("1003");

  const call = await caller.call("3");
  const rung = await callee.rung();
  t.equal(rung.invite?.headers.from.uri, "sip:1003@bling.babblevoice.com");
  t.match(rung.invite?.content, /^m=audio \d+ RTP\/AVP 9 8 0 97 101\r$/m, "the codecs in their order");
  rung.ring();
  await call.gets(180);
  rung.answer();
  await call.answered();
  await Promise.all([call.voice.hears(600), rung.voice.hears(600)]);
  await call.hangup();
  await rung.ended();
  await exchange.endsClean(t);
  t.strictSame(printed, ["new call", "new call", "hung up"], "each callback of those that stack");
});

t.test("the called one hangs up; and a destination that the script makes nothing of", async (t) => {
  const exchange = await Exchange.open(t, (projectcontrol) => {
    play(SETTINGS + DIALLING + RUN, projectcontrol);
  });
  const callee = await exchange.phone("1003");
  const caller = await exchange.stranger("1003");

  const call = await caller.call("3");
  const rung = await callee.rung();
  rung.answer();
  await call.answered();
  await rung.hangup();
  await call.ended();

  const idle = await caller.call("9999");
  await idle.gets(180);
  await idle.hangup();
  t.strictSame(idle.statuses, [180, 487], "nobody is called, and the caller gives up");
  await exchange.endsClean(t);
});
