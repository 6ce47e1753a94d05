import { App } from "./control/app/app.js";
import { projectcontrol } from "./projectcontrol.js";

/** The modern face of this process's call control: over the same connection as `projectcontrol`. */
export const app = new App({ control: projectcontrol });
