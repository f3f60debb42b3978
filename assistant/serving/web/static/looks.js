// Keeps the look that a person chose, for this tab only: a shared computer forgets it when the tab is closed.
(() => {
  "use strict";
  const root = document.documentElement;
  const kept = (name) => { try { return sessionStorage.getItem("coproduce." + name); } catch { return null; } };
  const apply = () => {
    for (const name of ["look", "text"]) {
      const value = kept(name);
      if (value) root.dataset[name] = value; else delete root.dataset[name];
    }
    document.dispatchEvent(new CustomEvent("coproduce:looks"));
  };
  apply();
  // Before anything is painted: the chat keeps room for a conversation that will come back.
  if (kept("turns")) root.dataset.restores = "";
  const show = () => {
    for (const input of document.querySelectorAll("[data-sets]")) input.checked = input.value === (kept(input.dataset.sets) || "");
  };
  document.addEventListener("DOMContentLoaded", show);
  document.addEventListener("change", (event) => {
    const name = event.target.dataset && event.target.dataset.sets;
    if (!name) return;
    try {
      if (event.target.value) sessionStorage.setItem("coproduce." + name, event.target.value);
      else sessionStorage.removeItem("coproduce." + name);
    } catch { /* storage is closed to us: the look holds for this page */ root.dataset[name] = event.target.value; return; }
    apply();
  });
  window.addEventListener("storage", () => { apply(); show(); });
  // A page may be printed long after it was opened.
  window.addEventListener("beforeprint", () => {
    const now = new Date(), two = (number) => String(number).padStart(2, "0");
    for (const day of document.querySelectorAll(".on-paper time")) {
      day.dateTime = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
      day.textContent = now.toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric" });
    }
  });
})();
