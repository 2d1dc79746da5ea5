// The page's own script: citations, copying, what the browser keeps. Runs before Gradio's; loads nothing.
(() => {
  const cookie = (name) => (document.cookie.match(`(?:^|; )${name}=([^;]*)`) || [])[1];
  const prefix = `suroo.${cookie("suroo_user") || ""}.`;
  const CURRENT = `${prefix}current`;
  const keys = () => Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  const talk = (id) => localStorage.getItem(prefix + id) || "";

  function keep(text) {
    if (!text) return;
    const { id, exchanges } = JSON.parse(text);
    sessionStorage.setItem(CURRENT, id);
    if (!exchanges.length) return;
    for (;;) {
      try {
        localStorage.setItem(prefix + id, text);
        return;
      } catch (error) {
        // The browser's room is used up: the oldest conversation goes.
        const started = (key) => JSON.parse(localStorage.getItem(key)).started;
        const oldest = keys().filter((key) => key !== prefix + id).sort((a, b) => (started(a) < started(b) ? -1 : 1))[0];
        if (!oldest) return;
        localStorage.removeItem(oldest);
      }
    }
  }

  function talks() {
    const found = [];
    for (const key of keys()) {
      try {
        const { id, started, exchanges } = JSON.parse(localStorage.getItem(key));
        found.push({ id, started, title: exchanges[0].question, questions: exchanges.length });
      } catch (error) {
        localStorage.removeItem(key);
      }
    }
    return JSON.stringify(found);
  }

  function forget(id) {
    for (const key of id === "*" ? keys() : [prefix + id]) localStorage.removeItem(key);
  }

  function download(text) {
    if (!text) return;
    const { name, type, data } = JSON.parse(text);
    const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([bytes], { type }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  async function copy(text) {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    const area = document.createElement("textarea"); // over plain http there is no clipboard to ask
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }

  // A button of ours names an event of its component, and what goes with it.
  function connect(element, trigger) {
    element.addEventListener("submit", (event) => {
      if (!event.target.hasAttribute("action")) event.preventDefault(); // "Sign out" leads somewhere
    });
    element.addEventListener("click", (event) => {
      const button = event.target.closest("button[data-event]");
      if (!button) return;
      const data = { ...button.dataset };
      const form = button.closest("form");
      if (form) new FormData(form).forEach((value, name) => (data[name] = value));
      if (data.event === "forget") {
        forget(data.talk);
        data.talks = talks();
      } else if (data.talk) {
        data.record = talk(data.talk);
      }
      trigger(data.event, data);
    });
  }

  function open(element) {
    const dialog = element.querySelector("dialog");
    if (!dialog || dialog.open) return;
    dialog.showModal();
    const mark = dialog.querySelector("mark");
    if (mark) mark.scrollIntoView({ block: "center" });
  }

  let near = true;
  let turns = 0; // what there was when `follow` was called last, and whether an answer was being written
  let writing = false;
  function follow() {
    const chat = document.getElementById("chat");
    if (!chat) return;
    requestAnimationFrame(() => {
      if (near) chat.scrollTop = chat.scrollHeight;
      // On a phone the page scrolls, not the conversation: a new question goes to the top, its answer grows below.
      const all = chat.querySelectorAll(".turn");
      const whole = getComputedStyle(chat).overflowY === "visible";
      const now = chat.querySelector("#live .turn") !== null;
      if (whole && all.length && (all.length > turns || writing !== now)) {
        all[all.length - 1].scrollIntoView({ block: "start" });
      }
      turns = all.length;
      writing = now;
    });
  }
  document.addEventListener("scroll", (event) => {
    const chat = event.target;
    if (chat.id === "chat") near = chat.scrollHeight - chat.scrollTop - chat.clientHeight < 120;
  }, true);

  let origin = null; // the citation that was followed last
  function cite(link) {
    const entry = document.getElementById((link.getAttribute("href") || "").slice(1));
    if (!entry) return;
    origin = link;
    document.querySelectorAll("#sources details.current").forEach((other) => {
      other.classList.remove("current");
      other.open = false;
    });
    entry.open = true;
    entry.classList.add("current");
    entry.querySelector("summary").focus({ preventScroll: true });
    const panel = document.getElementById("sources");
    const mark = entry.querySelector("mark") || entry;
    // Only the panel scrolls, unless it is out of sight, as on a phone.
    const from = panel.getBoundingClientRect().top;
    const fits = entry.getBoundingClientRect().height < panel.clientHeight - 40;
    const rest = fits ? 20 : panel.clientHeight / 3;
    panel.scrollTop += (fits ? entry : mark).getBoundingClientRect().top - from - rest;
    const { top, bottom } = mark.getBoundingClientRect();
    if (top >= 0 && bottom <= innerHeight) return;
    entry.scrollIntoView({ block: "start" });
    if (mark.getBoundingClientRect().bottom > innerHeight) mark.scrollIntoView({ block: "center" });
  }
  function back() {
    if (!origin || !origin.isConnected) return;
    origin.focus();
    origin.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest && event.target.closest(selector);
    const link = at("a.citation");
    if (link) {
      event.preventDefault();
      return cite(link);
    }
    const copier = at("button[data-copy]");
    if (copier) {
      copy(copier.dataset.copy).then(() => {
        const label = copier.textContent;
        copier.textContent = copier.dataset.done;
        setTimeout(() => (copier.textContent = label), 1500);
      });
    }
    if (at("[data-back]")) back();
    if (at("[data-close]")) at("dialog").close();
    const language = at("[data-language]");
    if (language) {
      document.cookie = `suroo_language=${language.dataset.language}; path=/; max-age=31536000; samesite=lax`;
      location.reload();
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.shiftKey && event.target.closest("#question")) event.stopImmediatePropagation();
    if (event.key === "Escape" && event.target.closest("#sources")) back();
  }, true);

  window.suroo = {
    connect, open, keep, download, follow, talks,
    current: () => talk(sessionStorage.getItem(CURRENT)),
    show: (view) => document.getElementById(`${view}-button`)?.click(),
  };
})();
