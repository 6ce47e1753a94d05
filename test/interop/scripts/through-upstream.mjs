// Whoever calls is connected to the same user at the server that UPSTREAM names.
import { projectcontrol } from "mediaswitch";

projectcontrol.directory("phones.example", [{ username: "caller", secret: "not-used-by-trusted-sources" }]);

projectcontrol.onnewcall = (call) => {
  call.newcall({ to: { user: "callee", domain: process.env.UPSTREAM } });
};

projectcontrol.run();
