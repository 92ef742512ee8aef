// The words of a wait. The other languages have them beside the panel's.

export const COUNTDOWN_ENGLISH = {
  wait: "You can ask again in {time}.",
  sending: "Your question is sent in {time}.",
};

export type CountdownTexts = typeof COUNTDOWN_ENGLISH;
