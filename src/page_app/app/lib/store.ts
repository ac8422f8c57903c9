// A value that components look at, and are drawn anew for when it is another one.
import { useEffect, useState } from "preact/hooks";

export class Store<T> {
  private readonly readers = new Set<() => void>();

  constructor(private value: T) {}

  get(): T {
    return this.value;
  }

  set(value: T): void {
    if (Object.is(value, this.value)) return;
    this.value = value;
    for (const reader of [...this.readers]) reader();
  }

  listen(reader: () => void): () => void {
    this.readers.add(reader);
    return () => this.readers.delete(reader);
  }
}

export function useStore<T>(store: Store<T>): T {
  const [value, setValue] = useState(() => store.get());
  useEffect(() => {
    // It may have become another one between drawing and here.
    setValue(() => store.get());
    return store.listen(() => setValue(() => store.get()));
  }, [store]);
  return value;
}
