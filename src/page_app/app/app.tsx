// Which page an address is.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

import { BenchPage } from "./bench/bench_page.tsx";
import { BoardPage } from "./boards/board_page.tsx";
import { BoardsPage } from "./boards/boards_page.tsx";
import { HelpPage } from "./help/help_page.tsx";
import { focusScan } from "./lib/focus.ts";
import { readMac } from "./lib/format.ts";
import { parts, place, type Place } from "./lib/router.ts";
import { useStore } from "./lib/store.ts";
import { loginDue } from "./live.ts";
import { LoginPage } from "./login/login_page.tsx";
import { LotPage } from "./lots/lot_page.tsx";
import { LotsPage } from "./lots/lots_page.tsx";
import { Shell } from "./parts/shell.tsx";
import { SettingsPage } from "./settings/settings_page.tsx";
import { texts } from "./texts.ts";

function NotFound() {
  return (
    <Shell title={texts.notFound}>
      <p class="hint">{texts.notFoundHint}</p>
    </Shell>
  );
}

function pageOf({ path }: Place): ComponentChildren {
  const [page, name, more] = parts(path);
  if (page === undefined) return <BenchPage />;
  if (page === "lots" && name !== undefined && more === undefined) return <LotPage key={name} name={name} />;
  if (page === "boards" && name !== undefined && more === undefined) return <BoardPage key={name} mac={readMac(name) ?? name} />;
  if (name !== undefined) return <NotFound />;
  switch (page) {
    case "lots": return <LotsPage />;
    case "boards": return <BoardsPage />;
    case "settings": return <SettingsPage />;
    case "help": return <HelpPage />;
    case "login": return <LoginPage />;
    default: return <NotFound />;
  }
}

export function App() {
  const where = useStore(place);
  const due = useStore(loginDue);
  useEffect(() => {
    // A page that needs the keyboard for itself has taken it by now.
    if (document.activeElement === document.body) focusScan();
  }, [where.path, due]);
  return due ? <LoginPage /> : pageOf(where);
}
