// What makes a repetition the same conversation.

/** Returns a key that is the same for the same text. The worker remembers 30 bits of a key, and this one has 32. */
export function keyOf(text: string) {
  let hash = 0;
  // FNV-1, over code points.
  for (const char of text) hash = Math.imul(hash, 0x01000193) ^ (char.codePointAt(0) as number);
  return String(hash);
}
