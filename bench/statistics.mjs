/**
 * @param {number[]} values
 * @param {number} percent
 */
export function percentile(values, percent) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((percent / 100) * sorted.length))];
}

/**
 * @typedef {{ median: number, min: number, max: number }} Summary
 *
 * Returns the median of some samples with their spread, or undefined if there are no samples.
 *
 * @param {(number | undefined)[]} samples
 * @returns {Summary | undefined}
 */
export function summary(samples) {
  const known = samples.filter((sample) => sample !== undefined).sort((a, b) => a - b);
  if (known.length === 0) return undefined;
  const middle = known.length >> 1;
  const median = known.length % 2 ? known[middle] : (known[middle - 1] + known[middle]) / 2;
  return { median, min: known[0], max: known[known.length - 1] };
}
