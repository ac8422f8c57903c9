// What every page has: a heading, what it shows, and the foot with the scan field, the last message and the keys.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

import { post } from "../api.ts";
import { clockText } from "../lib/format.ts";
import { message, sayRefusal } from "../lib/messages.ts";
import { dark, sound, toggleSound, toggleTheme } from "../lib/preferences.ts";
import { place } from "../lib/router.ts";
import { useStore } from "../lib/store.ts";
import { link, restart, state } from "../live.ts";
import { texts } from "../texts.ts";
import { Scan } from "./scan.tsx";

function Away() {
  const line = useStore(link);
  const known = useStore(state) !== null;
  if (line.up) return null;
  if (!known) return <p class="away soft" role="status">{texts.connecting} {line.why}</p>;
  return (
    <div class="away" role="alert">
      <strong>{texts.away}</strong>
      <span>{texts.awaySince} {clockText(new Date(line.since).toISOString())}. {line.why || texts.awayWait}</span>
    </div>
  );
}

function Said() {
  const last = useStore(message);
  return (
    <p class={`say ${last?.level ?? ""}`} role="status" title={last?.text}>{last?.text ?? ""}</p>
  );
}

function Key({ to, k, children }: { to: string; k: string; children: ComponentChildren }) {
  const here = useStore(place).path;
  const current = here === to || here.startsWith(`${to}/`);
  return <a href={to} aria-current={current ? "page" : undefined}><kbd>{k}</kbd> {children}</a>;
}

async function logOut(): Promise<void> {
  try {
    await post("/api/logout");
    restart();
  } catch (error) {
    sayRefusal(error);
  }
}

function Keys() {
  const on = useStore(sound);
  const isDark = useStore(dark);
  const login = useStore(state)?.login;
  const away = useStore(place).path !== "/";
  return (
    <nav aria-label={texts.keys}>
      {away && <a href="/"><kbd>Esc</kbd> {texts.bench}</a>}
      <Key to="/help" k="F1">{texts.help}</Key>
      <Key to="/lots" k="F2">{texts.lots}</Key>
      <Key to="/boards" k="F3">{texts.boards}</Key>
      <button type="button" onClick={toggleSound} aria-pressed={on}><kbd>F4</kbd> {on ? texts.soundOn : texts.soundOff}</button>
      <Key to="/settings" k="F6">{texts.settings}</Key>
      <button type="button" onClick={toggleTheme} title={texts.theme}><kbd>F9</kbd> {isDark ? texts.toLight : texts.toDark}</button>
      {login?.user && <button type="button" onClick={() => void logOut()}>{texts.logOut} ({login.user})</button>}
    </nav>
  );
}

interface Props {
  title: string;
  // In place of the plain heading.
  head?: ComponentChildren;
  children: ComponentChildren;
  kind?: string;
}

export function Shell({ title, head, children, kind }: Props) {
  const up = useStore(link).up;
  useEffect(() => {
    document.title = `${title} · ${texts.product}`;
  }, [title]);
  return (
    <div class={`shell ${kind ?? "plain"}`} data-live={up ? "up" : "away"}>
      <header class="top">{head ?? <h1>{title}</h1>}</header>
      <Away />
      <main>{children}</main>
      <footer class="foot">
        <Scan />
        <Said />
        <Keys />
      </footer>
    </div>
  );
}
