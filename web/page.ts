import { render } from "preact";
import { html } from "./html.js";
import { Live } from "./live.js";
import { App } from "./parts/app.js";
import { applyTheme, storedTheme } from "./theme.js";

applyTheme(storedTheme());
const live = new Live();
render(html`<${App} live=${live} />`, document.body);
void live.listen();
