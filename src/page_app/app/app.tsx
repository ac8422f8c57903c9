// Which page an address is.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

import { BenchPage } from "./bench/bench_page.tsx";
import { Shell } from "./parts/shell.tsx";
import { focusScan } from "./lib/focus.ts";
import { parts, place, type Place } from "./lib/router.ts";
import { useStore } from "./lib/store.ts";
import { texts } from "./texts.ts";

function NotFound() {
  return (
    <Shell title={texts.notFound}>
      <p class="hint">{texts.notFoundHint}</p>
    </Shell>
  );
}

function pageOf({ path }: Place): ComponentChildren {
  const [page] = parts(path);
  if (page === undefined) return <BenchPage />;
  return <NotFound />;
}

export function App() {
  const where = useStore(place);
  useEffect(() => {
    // A page that needs the keyboard for itself has taken it by now.
    if (document.activeElement === document.body) focusScan();
  }, [where.path]);
  return pageOf(where);
}
