/** What `import … from "mediaswitch"` gives in a script under test: all of the package, and the test's own faces. */
import { facesOf } from "./script-modules.js";

export * from "../index.js";
export const { app, projectcontrol } = facesOf(import.meta.url);
