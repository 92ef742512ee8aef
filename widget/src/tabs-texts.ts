// The words for what other tabs do. The other languages have them beside the panel's.

export const TABS_ENGLISH = { begunElsewhere: "A new conversation was begun in another tab." };

export type TabsTexts = typeof TABS_ENGLISH;
