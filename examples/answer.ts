/** Answers every call, and hangs up after ten seconds. What sipp's built-in caller talks to. */
import { projectcontrol } from "mediaswitch";

const TALK_MILLIS = 10_000;

projectcontrol.onnewcall = (call) => {
  call.onanswer = () => {
    const timer = setTimeout(() => void call.hangup(), TALK_MILLIS);
    call.onhangup = () => clearTimeout(timer);
  };
  void call.answer();
};

void projectcontrol.run();
