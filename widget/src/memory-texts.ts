// The words of what omi.me is asked to remember. The other languages have them beside the panel's.

export const MEMORY_ENGLISH = {
  remember: "Remember this …",
  keep: "Keep this conversation …",
  factTitle: "Have this remembered?",
  factHint:
    "Exactly this text is sent to omi.me, where it becomes one of your memories. Change it until it says what you want.",
  keepTitle: "Have this conversation kept?",
  keepHint: "Exactly this text is sent to omi.me, where it becomes one of your conversations.",
  sent: "What is sent",
  agree: "Agree and send",
  cancel: "Cancel",
  remembered: "Sent to omi.me: “{text}” You find it in your account there. This shop cannot delete it.",
  kept: "The conversation was sent to omi.me. You find it in your account there. This shop cannot delete it.",
  loggedOut: "Nothing was sent. Please log in again.",
  notAllowed: "Nothing was kept. You have not allowed this shop to do that at omi.me.",
  tooOften: "Nothing was kept, because it was asked for too often. Please try again later.",
  notTaken: "Nothing was kept. Please shorten the text.",
  soon: "This will be sent in a moment.",
  underWay: "This is being sent already. Please wait a moment.",
  inDoubt: "It is not certain whether omi.me has kept this. Please look there before you send it again.",
};

export type MemoryTexts = typeof MEMORY_ENGLISH;
