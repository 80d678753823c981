/**
 * The dashboard begins here: the theme, the address, the live stream, the pages.
 * The browser loads this file and, through it, all others; nothing is bundled.
 */
import { render } from "preact";
import { html } from "./html.ts";
import { App } from "./parts/app.ts";
import { followLive } from "./state/live.ts";
import { followAddress } from "./state/place.ts";
import { applyTheme } from "./state/theme.ts";

applyTheme();
followAddress();
const root = document.getElementById("app");
if (root !== null) render(html`<${App} />`, root);
await followLive();
