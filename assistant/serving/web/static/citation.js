// Opens a citation in the report beside the chat and leads back to it, and shows what stands around it in a small card.
(() => {
  "use strict";
  // What a proxy serves us below, if anything: where this file came from says it.
  const ROOT = new URL(document.currentScript.src).pathname.replace(/\/files\/[^/]*$/, "");
  const frame = () => document.getElementById("reader");
  const back = () => document.getElementById("back-to-answer");
  let opener = null; // where the way back leads: the address of the link and its turn, for turns are written again

  const INTO_THE_REPORT = "a.citation, .meaning a.place, a.to-section"; // beside a quotation, where a word is explained, and to go on
  const linkOf = (event) => event.target.closest && event.target.closest("a.citation");
  const wayIn = (event) => event.target.closest && event.target.closest(INTO_THE_REPORT);
  const find = () => {
    if (!opener) return null;
    if (document.contains(opener.link)) return opener.link;
    const turn = document.getElementById(opener.turn);
    return turn && [...turn.querySelectorAll(INTO_THE_REPORT)].find((link) => link.getAttribute("href") === opener.href);
  };
  const OPEN = "coproduce.open"; // so that it is open again when the page is
  const goBack = () => {
    const target = find() || document.querySelector("#question textarea, #question input");
    if (!target) return;
    target.scrollIntoView({ block: "nearest" });
    pressed = target; // whoever comes back has read its words: its card would lie over them
    target.focus({ preventScroll: true });
  };

  const watchEscape = () => {
    const page = frame().contentDocument;
    if (page.documentElement.dataset.escapes) return;
    page.documentElement.dataset.escapes = "";
    page.addEventListener("keydown", (event) => { if (event.key === "Escape") goBack(); });
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
    watchEscape();
    // Beside the answer the report is in view already, and the answer stays where it is; below it, it is brought into view.
    if (isBeside()) window.scrollTo({ top: opener.height, behavior: "instant" });
    else frame().closest(".source").scrollIntoView({ block: "start" });
  };

  const isBeside = () => window.matchMedia("(min-width: 801px)").matches;
  const remember = () => {
    back().hidden = false;
    try { sessionStorage.setItem(OPEN, JSON.stringify({ href: opener.href, turn: opener.turn })); } catch { /* closed to us */ }
  };
  const open = (link) => {
    delete frame().dataset.quiet;
    const turn = link.closest(".turn");
    const meaning = link.closest("[popover]");
    const from = meaning ? document.querySelector(`[popovertarget="${meaning.id}"]:not([popovertargetaction])`) : link;
    if (meaning) meaning.hidePopover(); // it would lie over what was opened
    opener = { link: from, href: link.getAttribute("href"), turn: turn ? turn.id : "", height: window.scrollY };
    remember();
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
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      hide();
      pressed = link;
      pressedAt = [event.clientX, event.clientY];
      open(link);
    }
    if (event.target.id === "back-to-answer") { event.preventDefault(); goBack(); }
  });
  document.addEventListener("coproduce:forgotten", () => {
    opener = null;
    try { sessionStorage.removeItem(OPEN); } catch { /* closed to us */ }
    if (back()) back().hidden = true;
    if (frame()) frame().contentWindow.location.replace(frame().getAttribute("src"));
  });

  // The first words of a new answer show by themselves in the report beside it. Nobody's focus moves, and whoever is
  // reading in the report goes on where they are.
  const showFirst = () => {
    const link = document.querySelector("#newest .turn[data-complete] figure a.citation");
    if (!link || !isBeside() || document.activeElement === frame()) return;
    opener = { link, href: link.getAttribute("href"), turn: link.closest(".turn").id, height: window.scrollY };
    remember();
    showQuietly(link.href);
  };
  // Without "#cited", by which a browser would give those words the focus: the reader finds them all the same.
  const showQuietly = (address) => {
    frame().dataset.quiet = "";
    frame().addEventListener("load", () => { watchEscape(); delete frame().dataset.quiet; }, { once: true });
    frame().contentWindow.location.replace(address.replace(/#cited$/, ""));
  };
  document.addEventListener("coproduce:answered", showFirst);

  document.addEventListener("coproduce:restored", () => {
    let open = null;
    try { open = JSON.parse(sessionStorage.getItem(OPEN) || "null"); } catch { /* nothing was open */ }
    if (!open || !String(open.href).startsWith(`${ROOT}/read/`)) { showFirst(); return; }
    opener = { ...open, link: null, height: window.scrollY };
    back().hidden = false;
    showQuietly(open.href);
  });

  // The card: shown on hover and focus, stays while the pointer is on it, goes with Escape (WCAG 1.4.13).
  const card = document.createElement("div");
  card.id = "card";
  card.setAttribute("role", "tooltip");
  card.hidden = true;
  let shownFor = null;
  let pressed = null; // its card stays away until the pointer has left: it would lie over what was opened
  let pressedAt = [0, 0]; // a page that moves under a pointer that does not has it leave and come, too
  const stayed = (event) => Math.hypot(event.clientX - pressedAt[0], event.clientY - pressedAt[1]) < 4;
  let leaving = 0;
  const show = (link) => {
    clearTimeout(leaving);
    if (!link.dataset.around || link === shownFor) return;
    hide();
    // What stands around the quotation, which itself stands beside the number already.
    const near = JSON.parse(link.dataset.around);
    const line = (side) => {
      const given = near.find((one) => one.side === side);
      const place = document.createElement("p");
      const said = document.createElement("span");
      said.className = "quiet";
      said.textContent = `${side === "before" ? "Just before" : "Just after"}${given && given.whose ? `, ${given.whose}` : ""}: `;
      place.append(said, given ? given.words : `nothing: the section ${side === "before" ? "begins" : "ends"} here`);
      return place;
    };
    const here = document.createElement("p");
    here.className = "here";
    here.textContent = link.textContent;
    card.replaceChildren(line("before"), here, line("after"));
    document.body.append(card);
    card.hidden = false;
    shownFor = link;
    link.setAttribute("aria-describedby", "card");
    const at = link.getBoundingClientRect();
    // Within the column of the answer: beside it the report may show the very words.
    const edge = document.getElementById("talk").getBoundingClientRect().right;
    card.style.maxWidth = `${Math.min(416, edge - 8)}px`;
    card.style.left = `${window.scrollX + Math.max(8, Math.min(at.left, edge - card.offsetWidth))}px`;
    const below = at.bottom + card.offsetHeight + 8 < window.innerHeight || at.top < card.offsetHeight + 8;
    card.style.top = `${window.scrollY + (below ? at.bottom + 2 : at.top - card.offsetHeight - 2)}px`;
  };
  function hide() {
    clearTimeout(leaving);
    if (shownFor) shownFor.removeAttribute("aria-describedby");
    shownFor = null;
    card.hidden = true;
  }
  const hideSoon = () => { clearTimeout(leaving); leaving = setTimeout(() => { if (document.activeElement !== shownFor) hide(); }, 250); };
  document.addEventListener("mouseover", (event) => {
    const link = linkOf(event);
    if (link) { if (link !== pressed) show(link); } else if (event.target.closest && event.target.closest("#card")) clearTimeout(leaving);
  });
  document.addEventListener("mouseout", (event) => { if (linkOf(event) && !stayed(event)) pressed = null; if (linkOf(event) || event.target.closest("#card")) hideSoon(); });
  document.addEventListener("focusin", (event) => {
    const link = linkOf(event);
    if (link && link === pressed) return;
    if (event.target !== frame()) pressed = null;
    if (link && link.matches(":focus-visible")) show(link);
  });
  document.addEventListener("focusout", (event) => { if (linkOf(event)) hide(); });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  new MutationObserver(() => { if (shownFor && !document.contains(shownFor)) hide(); }).observe(document.documentElement, { childList: true, subtree: true });
})();
