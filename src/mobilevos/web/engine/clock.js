/** How long the stages of a frame take. */
export class Clock {
  stages = {};

  /** Run `work`, which may be asynchronous, and add its milliseconds to a stage. */
  time(stage, work) {
    const began = performance.now();
    const add = () => {
      this.stages[stage] = (this.stages[stage] ?? 0) + performance.now() - began;
    };
    const result = work();
    if (result instanceof Promise) return result.finally(add);
    add();
    return result;
  }

  /** Milliseconds by stage since the last call. */
  take() {
    const { stages } = this;
    this.stages = {};
    return stages;
  }
}
