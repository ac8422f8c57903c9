import { render } from "preact";

import { whenLoginIsNeeded } from "./api.ts";
import { App } from "./app.tsx";
import { keepFocus } from "./lib/focus.ts";
import { startKeys } from "./lib/keys.ts";
import { startRouter } from "./lib/router.ts";
import { play, startSounds } from "./lib/sounds.ts";
import { loginDue, onHappening, start } from "./live.ts";

whenLoginIsNeeded(() => loginDue.set(true));
onHappening(({ bay }) => {
  if (bay.status === "passed") play("pass");
  // Not of a bay that somebody has switched off.
  if (bay.status === "failed" || (bay.status === "off" && bay.code)) play("fail");
  if (bay.status === "waiting") play("wait");
});

startRouter();
startKeys();
startSounds();
keepFocus();
start();

const root = document.getElementById("page");
if (root) render(<App />, root);
