// Gives each chat the words that the merchant has written for it. The element takes them as a property only.
(() => {
  const NAMES = ["title", "launcher", "greeting"];

  function give() {
    for (const chat of document.querySelectorAll("concierge-chat")) {
      const written = NAMES.filter((name) => chat.dataset[name]).map((name) => [name, chat.dataset[name]]);
      if (written.length > 0) chat.texts = Object.fromEntries(written);
    }
  }

  give();
  // The theme editor makes a section anew when one of its settings changes.
  document.addEventListener("shopify:section:load", give);
})();
