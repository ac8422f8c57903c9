// The station's clock less this computer's, by the times of its events. Each arrives some time after it happened: the
// largest difference is the nearest to the truth.
export class Skew {
  private largest = -Infinity;
  private known = 0;

  // With a new line: a clock may have been set. What was known holds until something is heard.
  begin(): void {
    this.largest = -Infinity;
  }

  heard(time: string, now: number): void {
    const difference = Date.parse(time) - now;
    if (Number.isNaN(difference) || difference <= this.largest) return;
    this.largest = difference;
    this.known = difference;
  }

  milliseconds(): number {
    return this.known;
  }
}
