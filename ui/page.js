// A citation opens its entry in the panel beside, scrolls there and lights it up; the rest of the page stays as it is.
document.addEventListener("click", (event) => {
  const link = event.target.closest && event.target.closest("a.citation");
  if (!link) return;
  event.preventDefault();
  const entry = document.getElementById((link.getAttribute("href") || "").slice(1));
  if (!entry) return;
  document.querySelectorAll("#sources details.current").forEach((other) => {
    other.classList.remove("current");
    other.open = false;
  });
  entry.open = true;
  entry.classList.add("current");
  entry.focus({ preventScroll: true });
  const panel = document.getElementById("sources");
  const mark = entry.querySelector("mark") || entry;
  // Only the panel scrolls, unless it is out of sight, as on a phone.
  panel.scrollTop += mark.getBoundingClientRect().top - panel.getBoundingClientRect().top - panel.clientHeight / 3;
  mark.scrollIntoView({ block: "nearest" });
});
