// Who is it? The only page without the bench behind it.
import { useEffect, useState } from "preact/hooks";

import { post, Refusal } from "../api.ts";
import { refusalText } from "../lib/messages.ts";
import { go, place } from "../lib/router.ts";
import { loginDue, restart } from "../live.ts";
import { Field } from "../parts/field.tsx";
import { loginTexts, texts } from "../texts.ts";

export function LoginPage() {
  const [user, setUser] = useState("");
  const [password, setPassword] = useState("");
  const [wrong, setWrong] = useState("");
  const [wait, setWait] = useState(0);
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    document.getElementById("user")?.focus();
    document.title = `${loginTexts.title} · ${texts.product}`;
  }, []);
  useEffect(() => {
    if (wait <= 0) return;
    const timer = setTimeout(() => setWait(wait - 1), 1000);
    return () => clearTimeout(timer);
  }, [wait]);

  async function enter(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setWrong("");
    try {
      await post("/api/login", { user: user.trim(), password });
      loginDue.set(false);
      restart();
      // Anywhere else, the page that was asked for is what is there now.
      if (place.get().path === "/login") go("/");
    } catch (error) {
      setPassword("");
      if (error instanceof Refusal && error.status === 429) setWait(Math.max(1, Math.ceil(error.retryAfter)));
      else setWrong(refusalText(error));
      document.getElementById("password")?.focus();
    } finally {
      setBusy(false);
    }
  }

  return (
    <main class="login">
      <form class="card" onSubmit={(event) => void enter(event)}>
        <h1>{texts.product}</h1>
        <Field id="user" name={loginTexts.user} value={user} onChange={setUser} required autocomplete="username" />
        <Field id="password" name={loginTexts.password} value={password} onChange={setPassword} required type="password"
          autocomplete="current-password" />
        {wait > 0 ? <p class="wrong" role="alert">{loginTexts.wait(wait)}</p>
          : wrong && <p class="wrong" role="alert">{wrong}</p>}
        <button type="submit" class="main" disabled={busy || wait > 0}>{loginTexts.enter}</button>
      </form>
    </main>
  );
}
