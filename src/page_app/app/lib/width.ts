import { useLayoutEffect, useRef, useState } from "preact/hooks";

// How wide an element is, for drawings whose letters shall not grow with them.
export function useWidth<T extends Element>() {
  const box = useRef<T>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const watch = new ResizeObserver(() => setWidth(element.getBoundingClientRect().width));
    watch.observe(element);
    setWidth(element.getBoundingClientRect().width);
    return () => watch.disconnect();
  }, []);
  return { box, width };
}

// Of the page's own letters, in pixels: drawings grow with them.
export function remPixels(): number {
  return parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
}
