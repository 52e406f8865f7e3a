// A server that has stopped to answer without being gone: connections are taken, nothing comes back until it thaws.

export class Freezer {
  #waiting: PromiseWithResolvers<void> | undefined;

  freeze(): void {
    this.#waiting ??= Promise.withResolvers<void>();
  }

  thaw(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  /** Resolves when it thaws; undefined while it is not frozen. */
  wait(): Promise<void> | undefined {
    return this.#waiting?.promise;
  }
}
