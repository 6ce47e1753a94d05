// Whoever calls is connected to whom they dialled.
import { projectcontrol } from "mediaswitch";

projectcontrol.directory("phones.example", [
  { username: "alice", secret: "correct-horse" },
  { username: "bob", secret: "battery-staple" },
]);

projectcontrol.onnewcall = (call) => {
  call.newcall({ to: { user: call.destination } });
};

projectcontrol.run();
