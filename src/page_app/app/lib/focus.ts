// Where the keyboard is. The scan field has it whenever nothing else needs it, for a scanner types blindly.

const touch = matchMedia("(pointer: coarse)");

export function focusScan(): void {
  // On a phone, the field's focus would bring up a keyboard over the bays.
  if (touch.matches) return;
  document.getElementById("scan")?.focus({ preventScroll: true });
}

export function isEditable(target: EventTarget | null): boolean {
  return target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select"));
}

export function dialogIsOpen(): boolean {
  return document.querySelector("dialog[open]") !== null;
}

// A click on nothing leaves the focus nowhere: the field takes it back. So it does from a button that was clicked:
// the Enter of the next scan must not press it again. Whoever came to it by the keyboard stays there.
export function keepFocus(): void {
  document.addEventListener("click", (event) => {
    if (event.detail === 0) return;
    setTimeout(() => {
      const now = document.activeElement;
      if (!dialogIsOpen() && now?.matches("a, button, summary") && !now.hasAttribute("data-asks")) focusScan();
    }, 0);
  });
  document.addEventListener("focusout", () => {
    setTimeout(() => {
      if (document.activeElement === document.body && !dialogIsOpen() && !getSelection()?.toString()) focusScan();
    }, 0);
  });
}
