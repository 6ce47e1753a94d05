// Answers every call, in the way of the seed's scripts: CommonJS, and setters on the singleton.
const projectcontrol = require("mediaswitch/projectcontrol");

projectcontrol.directory("127.0.0.1", [{ username: "service", secret: "not-used-by-trusted-sources" }]);
projectcontrol.directory("scenario.example", [
  { username: "1003", secret: "green-apples" },
  { username: "1004", secret: "red-pears" },
]);
projectcontrol.directory("bling.babblevoice.com", [{ username: "1003", secret: "1123654789" }]);

projectcontrol.onnewcall = (call) => {
  call.answer();
};

projectcontrol.run();
