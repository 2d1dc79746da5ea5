// Before all else on the page: Gradio's own words follow the browser's language, and shall follow the reader's choice.
(() => {
  const chosen = (document.cookie.match(/(?:^|; )suroo_language=(en|ru)/) || [])[1];
  if (chosen) {
    Object.defineProperty(navigator, "language", { get: () => chosen });
    Object.defineProperty(navigator, "languages", { get: () => [chosen] });
  }
  document.documentElement.lang = navigator.language.toLowerCase().startsWith("ru") ? "ru" : "en";
})();
