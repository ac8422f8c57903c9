// A dialog that keeps the focus inside while it is open, and gives it back where it was.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { focusScan } from "../lib/focus.ts";
import { texts } from "../texts.ts";

interface Props {
  title: ComponentChildren;
  onClose: () => void;
  children: ComponentChildren;
  wide?: boolean;
  // A letter closes it and goes to the scan field: a scanner's Enter must press none of its buttons.
  scanThrough?: boolean;
}

export function Dialog({ title, onClose, children, wide, scanThrough }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    const dialog = box.current;
    dialog?.showModal();
    return () => {
      dialog?.close();
      // Whoever has gone on to scan is left there.
      if (document.activeElement?.id === "scan") return;
      if (before instanceof HTMLElement && before.isConnected && before !== document.body) before.focus();
      else focusScan();
    };
  }, []);
  return (
    <dialog ref={box} class={wide ? "large" : ""} aria-labelledby="dialog-title"
      data-scan-through={scanThrough} onClose={() => { if (box.current) onClose(); }}
      onCancel={(event) => { event.preventDefault(); onClose(); }}
      onClick={(event) => { if (event.target === box.current) onClose(); }}>
      <div class="dialog-in">
        <header>
          <h2 id="dialog-title">{title}</h2>
          <button type="button" class="quiet" onClick={onClose} aria-label={texts.close}>✕</button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
