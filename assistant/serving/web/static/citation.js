// Opens a citation in the report beside the chat and leads back to it, and shows its words in a small card.
(() => {
  "use strict";
  const frame = () => document.getElementById("reader");
  const back = () => document.getElementById("back-to-answer");
  let opener = null; // where the way back leads: the address of the link and its turn, for turns are written again

  const INTO_THE_REPORT = "a.citation, .meaning a.place"; // beside a quotation, and where a word is explained
  const linkOf = (event) => event.target.closest && event.target.closest("a.citation");
  const wayIn = (event) => event.target.closest && event.target.closest(INTO_THE_REPORT);
  const find = () => {
    if (!opener) return null;
    if (document.contains(opener.link)) return opener.link;
    const turn = document.getElementById(opener.turn);
    return turn && [...turn.querySelectorAll(INTO_THE_REPORT)].find((link) => link.getAttribute("href") === opener.href);
  };
  const goBack = () => {
    const target = find() || document.querySelector("#question textarea, #question input");
    if (!target) return;
    target.scrollIntoView({ block: "nearest" });
    target.focus({ preventScroll: true });
  };

  // In the report: the focus goes to the cited words; its own link, like Escape, leads back.
  const arrive = () => {
    const page = frame().contentDocument;
    const id = decodeURIComponent(frame().contentWindow.location.hash.slice(1)) || "cited";
    const place = page.getElementById(id);
    if (!place) return;
    if (!place.hasAttribute("tabindex")) place.setAttribute("tabindex", "-1");
    place.focus({ preventScroll: true });
    place.scrollIntoView({ block: id === "cited" ? "center" : "start" });
    if (!page.documentElement.dataset.escapes) {
      page.documentElement.dataset.escapes = "";
      page.addEventListener("keydown", (event) => { if (event.key === "Escape") goBack(); });
    }
    // Beside the answer the report is in view already, and the answer stays where it is; below it, it is brought into view.
    if (window.matchMedia("(min-width: 801px)").matches) window.scrollTo({ top: opener.height, behavior: "instant" });
    else frame().closest(".source").scrollIntoView({ block: "start" });
  };

  const open = (link) => {
    const turn = link.closest(".turn");
    const meaning = link.closest("[popover]");
    const from = meaning ? document.querySelector(`[popovertarget="${meaning.id}"]:not([popovertargetaction])`) : link;
    if (meaning) meaning.hidePopover(); // it would lie over what was opened
    opener = { link: from, href: link.getAttribute("href"), turn: turn ? turn.id : "", height: window.scrollY };
    back().hidden = false;
    const here = frame().contentWindow.location;
    const there = new URL(link.href);
    if (here.pathname + here.search === there.pathname + there.search && frame().contentDocument.readyState === "complete") {
      if (here.hash !== there.hash) here.replace(there.href);
      arrive();
      return;
    }
    frame().addEventListener("load", arrive, { once: true });
    here.replace(there.href); // the browser's own way back still leads out of the chat
  };

  document.addEventListener("click", (event) => {
    const link = wayIn(event);
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) { event.preventDefault(); hide(); pressed = link; open(link); }
    if (event.target.id === "back-to-answer") { event.preventDefault(); goBack(); }
  });
  document.addEventListener("coproduce:forgotten", () => {
    opener = null;
    if (back()) back().hidden = true;
    if (frame()) frame().contentWindow.location.replace(frame().getAttribute("src"));
  });

  // The card: shown on hover and focus, stays while the pointer is on it, goes with Escape (WCAG 1.4.13).
  const card = document.createElement("div");
  card.id = "card";
  card.setAttribute("role", "tooltip");
  card.hidden = true;
  let shownFor = null;
  let pressed = null; // its card stays away until the pointer has left: it would lie over what was opened
  let leaving = 0;
  const show = (link) => {
    clearTimeout(leaving);
    if (!link.dataset.card || link === shownFor) return;
    hide();
    const words = document.createElement("p");
    const who = document.createElement("p");
    words.textContent = link.dataset.card;
    who.className = "quiet";
    who.textContent = document.getElementById(link.getAttribute("aria-describedby").split(" ")[0]).textContent;
    card.replaceChildren(words, who);
    document.body.append(card);
    card.hidden = false;
    shownFor = link;
    link.dataset.described = link.getAttribute("aria-describedby");
    link.setAttribute("aria-describedby", "card");
    const at = link.getBoundingClientRect();
    const width = Math.min(card.offsetWidth, document.documentElement.clientWidth - 16);
    card.style.left = `${window.scrollX + Math.max(8, Math.min(at.left, document.documentElement.clientWidth - width - 8))}px`;
    const below = at.bottom + card.offsetHeight + 8 < window.innerHeight || at.top < card.offsetHeight + 8;
    card.style.top = `${window.scrollY + (below ? at.bottom + 2 : at.top - card.offsetHeight - 2)}px`;
  };
  function hide() {
    clearTimeout(leaving);
    if (shownFor && shownFor.dataset.described) shownFor.setAttribute("aria-describedby", shownFor.dataset.described);
    shownFor = null;
    card.hidden = true;
  }
  const hideSoon = () => { clearTimeout(leaving); leaving = setTimeout(() => { if (document.activeElement !== shownFor) hide(); }, 250); };
  document.addEventListener("mouseover", (event) => {
    const link = linkOf(event);
    if (link) { if (link !== pressed) show(link); } else if (event.target.closest && event.target.closest("#card")) clearTimeout(leaving);
  });
  document.addEventListener("mouseout", (event) => { if (linkOf(event)) pressed = null; if (linkOf(event) || event.target.closest("#card")) hideSoon(); });
  document.addEventListener("focusin", (event) => { const link = linkOf(event); if (link && link.matches(":focus-visible")) show(link); });
  document.addEventListener("focusout", (event) => { if (linkOf(event)) hide(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  new MutationObserver(() => { if (shownFor && !document.contains(shownFor)) hide(); }).observe(document.documentElement, { childList: true, subtree: true });
})();
