// The page's address: pathname and query, and how it changes without a new page.
import { Store } from "./store.ts";

export interface Place {
  path: string;
  query: URLSearchParams;
}

function read(): Place {
  return { path: location.pathname, query: new URLSearchParams(location.search) };
}

export const place = new Store<Place>(read());

export function go(address: string): void {
  if (address === location.pathname + location.search) return;
  history.pushState(null, "", address);
  place.set(read());
  scrollTo(0, 0);
}

// The same page with another query: nothing that going back has to pass.
export function replace(address: string): void {
  history.replaceState(null, "", address);
  place.set(read());
}

export function startRouter(): void {
  addEventListener("popstate", () => place.set(read()));
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const link = (event.target as Element | null)?.closest("a");
    if (!link || link.hasAttribute("target") || link.hasAttribute("download")) return;
    // In an SVG a link has no pathname of its own.
    const to = new URL(link.getAttribute("href") ?? "", location.href);
    if (to.origin !== location.origin || to.pathname.startsWith("/api/") || to.pathname.endsWith(".txt")) return;
    event.preventDefault();
    go(to.pathname + to.search);
  });
}

// "/lots/a%2Fb" → ["lots", "a/b"]
export function parts(path: string): string[] {
  return path.split("/").filter(Boolean).map((part) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  });
}
