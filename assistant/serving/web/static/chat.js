// The chat's own behaviour around Gradio: what is asked, when it is announced, and where the focus goes.
(() => {
  "use strict";
  const box = () => document.querySelector("#question textarea, #question input");
  const announced = new Set();
  let running = false; // a question is being answered
  let restoring = false; // an earlier conversation is being shown again
  let next = null; // what is asked as soon as it is
  let number = 0; // counts "Start again": what was asked before belongs to nobody
  const round = () => number;
  const nextRound = () => { number += 1; return number; };

  const say = (words) => { const place = document.getElementById("spoken"); if (place) place.textContent = words; };
  const SPOKEN_MS = 20000; // what was announced may be taken away by then
  let silence = 0;
  const toBox = () => { const input = box(); if (input) input.focus({ preventScroll: true }); };
  const write = (words) => {
    const input = box();
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(input), "value").set.call(input, words);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const trouble = (words) => {
    const place = document.getElementById("trouble");
    const line = document.createElement("p");
    line.className = "error";
    line.setAttribute("role", "alert");
    line.textContent = words;
    place.replaceChildren(...(words ? [line] : []));
  };

  // What a finished answer says, in words, in reading order.
  const spokenOf = (turn) => {
    const parts = turn.querySelectorAll(".answer > h3, .answer p.words, .quotation > blockquote p, figcaption, p.mix, p.notice, ul.suggestions li");
    const shown = [...parts].filter((part) => !part.closest("[popover], details, form"));
    return shown.map((part) => part.textContent.trim().replace(/\s+/g, " ")).join("\n");
  };

  const begin = () => {
    running = true;
    keep("");
    trouble("");
    clearTimeout(silence);
    say("");
    const seen = document.querySelectorAll(".turn").length;
    const watch = new MutationObserver(() => {
      const turns = document.querySelectorAll(".turn");
      if (turns.length <= seen) return;
      watch.disconnect(); // brought into view once: what grows below it moves nothing
      turns[turns.length - 1].scrollIntoView({ block: "start" });
    });
    watch.observe(document.getElementById("talk"), { childList: true, subtree: true });
  };

  // The questions of this tab, so that whoever goes to another page and comes back finds the conversation again.
  const TURNS = "coproduce.turns";
  const remember = (turns) => {
    const asked = [...turns].slice(-50).map(({ dataset }) => (
      { question: dataset.question, filters: JSON.parse(dataset.filters), history: JSON.parse(dataset.history) }
    ));
    try { sessionStorage.setItem(TURNS, JSON.stringify(asked)); } catch { /* closed to us */ }
  };
  const restore = () => {
    let asked = [];
    try { asked = JSON.parse(sessionStorage.getItem(TURNS) || "[]"); } catch { /* nothing to restore */ }
    if (!asked.length || document.querySelector(".turn")) return;
    restoring = true;
    running = true;
    document.dispatchEvent(new CustomEvent("coproduce:ask", { detail: { restore: asked } }));
  };

  const answered = () => {
    running = false;
    if (restoring) for (const turn of document.querySelectorAll(".turn")) announced.add(turn.id); // they were heard before
    restoring = false;
    const turns = document.querySelectorAll(".turn");
    const turn = turns[turns.length - 1];
    if (turn && turn.dataset.complete && !announced.has(turn.id)) {
      announced.add(turn.id);
      say(spokenOf(turn));
      // Whoever reads down the page later meets the answer itself, not this too.
      clearTimeout(silence);
      silence = setTimeout(() => say(""), SPOKEN_MS);
    }
    document.body.classList.toggle("talking", turns.length > 0);
    remember(turns);
    document.dispatchEvent(new CustomEvent("coproduce:answered"));
    const waiting = next;
    next = null;
    if (waiting) waiting(); else toBox();
  };

  const ask = (what) => {
    if (running) { next = () => ask(what); return; }
    begin();
    document.dispatchEvent(new CustomEvent("coproduce:ask", { detail: what }));
  };

  // Gradio drops what is asked while it answers: it is held back, and asked then.
  const fromBox = (event) => {
    if (running) {
      event.preventDefault();
      event.stopImmediatePropagation();
      next = () => document.getElementById("ask").click();
      return;
    }
    begin();
  };
  window.addEventListener("keydown", (event) => {
    if (event.target === box() && event.key === "Enter" && !event.shiftKey && !event.isComposing) fromBox(event);
  }, true);
  window.addEventListener("click", (event) => {
    if (event.target.closest && event.target.closest("#ask")) fromBox(event);
  }, true);

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("button");
    if (!button) return;
    if (button.matches(".ask-this")) ask({ question: button.dataset.question });
    if (button.matches(".only-side")) ask({ turn: Number(button.dataset.turn), role: button.dataset.role });
  });

  // Start again: a shared computer forgets.
  const forget = () => {
    running = false;
    next = null;
    announced.clear();
    for (const name of Object.keys(sessionStorage)) if (name.startsWith("coproduce.")) sessionStorage.removeItem(name);
    window.dispatchEvent(new StorageEvent("storage"));
    document.dispatchEvent(new CustomEvent("coproduce:forgotten"));
    document.body.classList.remove("talking");
    trouble("");
    say("The conversation is cleared.");
    toBox();
    // Gradio may yet draw once more what it had received of an answer: it is cleared again.
    const watch = new MutationObserver(() => {
      if (!running && !document.querySelector(".turn")) return;
      watch.disconnect();
      if (!running) document.getElementById("start-again").click();
    });
    watch.observe(document.getElementById("talk"), { childList: true, subtree: true });
  };

  // What Gradio says in a corner of the screen (the server is gone, the queue is full) is said beside the question.
  const gone = "The question could not be sent: there is no connection, or too many people are asking. It is still in the box. Please try again in a moment.";
  // Once the server is back Gradio loads the page again: what was not sent stands in the box then.
  const keep = (words) => {
    try { if (words) sessionStorage.setItem("coproduce.unsent", words); else sessionStorage.removeItem("coproduce.unsent"); } catch { /* closed to us */ }
  };
  const kept = () => { try { return sessionStorage.getItem("coproduce.unsent") || ""; } catch { return ""; } };
  const failed = () => { running = false; next = null; keep(box().value); trouble(gone); toBox(); };
  const toastCame = () => {
    const fresh = document.querySelectorAll(".toast-wrap .toast-body.error:not([data-told])");
    for (const toast of fresh) toast.dataset.told = "true";
    return fresh.length > 0;
  };

  // Gradio's components are drawn after the page. What they lack is put right as they come: radio buttons that belong
  // together have one name (the arrow keys move among them), their group has its own, a fold says whether it is open.
  const repair = () => {
    for (const group of document.querySelectorAll("#narrow fieldset")) {
      const label = group.querySelector("[data-testid='block-info']");
      if (label && !label.id) { label.id = `${group.id}-name`; group.setAttribute("aria-labelledby", label.id); group.setAttribute("role", "radiogroup"); }
      for (const input of group.querySelectorAll("input")) if (input.name !== group.id) input.name = group.id;
    }
    for (const fold of document.querySelectorAll("#narrow button.label-wrap")) {
      const open = String(fold.classList.contains("open"));
      if (fold.getAttribute("aria-expanded") !== open) fold.setAttribute("aria-expanded", open);
      const icon = fold.querySelector(".icon");
      if (icon) icon.setAttribute("aria-hidden", "true");
    }
  };

  // The first question box, which was there before Gradio's, hands over what was typed and where the focus is.
  const handOver = () => {
    const early = document.getElementById("early");
    const input = box();
    if (!early || !input || !document.getElementById("ask")) return;
    const typed = document.getElementById("early-question");
    const asked = early.dataset.asked;
    const focused = early.contains(document.activeElement) || document.activeElement === document.body;
    if (typed.value || kept()) write(typed.value || kept());
    if (focused) input.focus({ preventScroll: true });
    const place = document.getElementById("composer");
    place.prepend(document.getElementById("trouble"));
    early.remove();
    if (!asked) setTimeout(restore, 0);
    if (asked) setTimeout(() => document.getElementById("ask").click(), 0);
  };
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "early") return;
    event.preventDefault();
    event.target.dataset.asked = "true";
  });
  new MutationObserver(() => {
    handOver();
    repair();
    if (toastCame() && running) failed();
  }).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] });

  window.coproduce = { ...window.coproduce, answered, forget, nextRound, round, toBox, say };
})();
