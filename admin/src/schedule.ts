// When the figures are asked for again: after a while, and only as long as somebody can see them.

/** Runs a task that returns after how many seconds it wants to run again. */
export class Schedule {
  #task: () => Promise<number>;
  #timer?: ReturnType<typeof setTimeout>;
  #due = 0;
  #isRunning = false;

  constructor(task: () => Promise<number>) {
    this.#task = task;
    document.addEventListener("visibilitychange", () => this.#wait());
  }

  /** Runs the task at once, or right after it if it is running. */
  now() {
    this.after(0);
  }

  after(seconds: number) {
    this.#due = Date.now() + seconds * 1_000;
    this.#wait();
  }

  stop() {
    this.#due = 0;
    clearTimeout(this.#timer);
  }

  #wait() {
    clearTimeout(this.#timer);
    if (this.#due === 0 || this.#isRunning || document.hidden) return;
    this.#timer = setTimeout(() => void this.#run(), Math.max(0, this.#due - Date.now()));
  }

  async #run() {
    const due = this.#due;
    this.#isRunning = true;
    const seconds = await this.#task();
    this.#isRunning = false;
    // It was stopped, or is wanted sooner, if this has changed.
    if (this.#due === due) this.after(seconds);
    else this.#wait();
  }
}
