// Work that must not overtake itself.

// One after the other, in the order in which they were given; one that fails holds up none.
export function oneByOne(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const mine = last.then(task, task);
    last = mine;
    return mine;
  };
}

// Does `task` at each call; for those that come while it is done, once more when it has ended. It must not fail.
export function onceMore(task: () => Promise<void>): () => Promise<void> {
  let running = false;
  let due = false;
  return async () => {
    due = true;
    if (running) return;
    running = true;
    while (due) {
      due = false;
      await task();
    }
    running = false;
  };
}
