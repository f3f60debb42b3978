// The chat's own behaviour around Gradio: what is asked, when it is announced, what is in view, and where the focus goes.
(() => {
  "use strict";
  const LOOKING = "Looking in the report …";
  const DOUBLE_MS = 1000; // a second press so soon after the first is the same press
  const SETTLED_MS = 1000; // what comes after an answer (buttons, words explained) has moved nothing any more by then
  const SPOKEN_MS = 20000; // what was announced may be taken away by then
  const byId = (id) => document.getElementById(id);
  const box = () => document.querySelector("#question textarea, #question input");
  const newest = () => document.querySelector("#newest .turn");
  const announced = new Set();
  let running = false; // a question is being answered
  let restoring = false; // an earlier conversation is being shown again
  let asking = null; // what is being asked: `{ question }`; where it was offered under an answer, also which and how
  let asked = 0; // when it was
  let before = ""; // the newest turn before it
  let next = null; // what is asked as soon as it is answered
  let toAnswer = false; // who asked went to the answer meanwhile
  let number = 0; // counts "Start again": what was asked before belongs to nobody
  const round = () => number;
  const nextRound = () => { number += 1; return number; };

  const say = (words) => { const place = byId("spoken"); if (place) place.textContent = words; };
  let silence = 0;
  // A finger opens the keyboard of a phone by going to the box, and the keyboard would cover the answer.
  const touch = window.matchMedia("(hover: none) and (pointer: coarse)");
  const toBox = () => { const input = box() || byId("early-question"); if (input) input.focus({ preventScroll: true }); };
  const goToAnswer = () => {
    const heading = document.querySelector("#newest .asked");
    if (!heading) { toBox(); return; }
    toAnswer = running; // an answer that grows is written again, and the focus would be lost with it
    heading.focus({ preventScroll: true });
    showNewest();
  };
  const write = (words) => {
    const input = box();
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(input), "value").set.call(input, words);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const trouble = (words) => {
    const line = document.createElement("p");
    line.className = "error";
    line.setAttribute("role", "alert");
    line.textContent = words;
    byId("trouble").replaceChildren(...(words ? [line] : []));
  };

  // In view: the newest question at the top, and the beginning of what answers it above the box. It is put there again
  // whatever grows or goes, until it is whole, or until the person scrolls.
  let following = false;
  let settled = 0;
  const showNewest = () => {
    const turn = byId("asking") || newest();
    if (!turn) return;
    const covered = parseFloat(getComputedStyle(document.documentElement).getPropertyValue("--box")) || 0;
    const room = window.innerHeight - covered - 8;
    const top = turn.getBoundingClientRect().top;
    const quotation = turn.querySelector(".quotation > blockquote, .answer > .words");
    let hidden = 0; // so much of a long question gives way to its answer
    if (quotation) {
      const { top: begins, bottom } = quotation.getBoundingClientRect();
      const lines = 3 * parseFloat(getComputedStyle(quotation).lineHeight);
      hidden = Math.max(0, Math.min(bottom, begins + lines) - top - room);
    }
    const by = Math.round(top - 8 + hidden);
    if (by) window.scrollBy({ top: by, behavior: "instant" });
  };
  const follow = () => { following = true; clearTimeout(settled); showNewest(); };
  const leaveBe = () => { following = false; clearTimeout(settled); };
  const followToTheEnd = () => { if (following) { showNewest(); clearTimeout(settled); settled = setTimeout(leaveBe, SETTLED_MS); } };
  for (const how of ["wheel", "touchmove", "mousedown"]) window.addEventListener(how, leaveBe, { passive: true });
  window.addEventListener("keydown", (event) => {
    if (["PageUp", "PageDown", "Home", "End", "Tab"].includes(event.key)) leaveBe();
    else if (["ArrowUp", "ArrowDown", " "].includes(event.key) && event.target !== box()) leaveBe();
  }, true);
  history.scrollRestoration = "manual";

  // Said and shown by the page itself, at once: on a slow line the server's own word comes late.
  const showAsking = (question) => {
    const place = byId("asking") || document.createElement("div");
    place.id = "asking";
    place.classList.toggle("coming-back", !question);
    const heading = document.createElement("h2");
    const said = document.createElement("span");
    const waiting = document.createElement("p");
    heading.className = "asked";
    said.className = "said-by";
    said.textContent = question ? "You asked:" : "";
    heading.append(said, ` ${question}`);
    waiting.className = "waiting";
    waiting.textContent = question ? LOOKING : "Your conversation is coming back …";
    place.replaceChildren(...(question ? [heading] : []), waiting);
    putAsking(place);
  };
  const putAsking = (place) => {
    if (byId("newest")) byId("newest").after(place); else byId("early").after(place);
  };
  const hideAsking = () => { const place = byId("asking"); if (place) place.remove(); };

  const begin = (what) => {
    running = true;
    asking = what;
    asked = Date.now();
    toAnswer = false;
    before = newest() ? newest().id : "";
    keep("");
    pend(what);
    trouble("");
    clearTimeout(silence);
    if (byId("spoken").textContent !== LOOKING) say(LOOKING); // the first box said it already
    forgetUndo();
    const narrowing = document.querySelector("#narrow > button.open");
    if (narrowing) narrowing.click(); // it would lie over the answer
    showAsking(what.question);
    document.body.classList.add("talking");
    follow();
  };

  // The questions of this tab, so that whoever goes to another page and comes back finds the conversation again.
  const TURNS = "coproduce.turns";
  const stored = (name) => { try { return sessionStorage.getItem(name) || ""; } catch { return ""; } };
  const store = (name, words) => {
    try { if (words) sessionStorage.setItem(name, words); else sessionStorage.removeItem(name); } catch { /* closed to us */ }
  };
  const questions = () => [...document.querySelectorAll(".turn[data-complete]")].slice(-50).map(({ dataset }) => (
    { question: dataset.question, filters: JSON.parse(dataset.filters), history: JSON.parse(dataset.history) }
  ));
  const restore = (turns) => {
    restoring = true;
    running = true;
    showAsking("");
    document.body.classList.add("talking");
    follow();
    document.dispatchEvent(new CustomEvent("coproduce:ask", { detail: { restore: turns } }));
  };
  const asList = (words) => { try { const found = JSON.parse(words); return Array.isArray(found) ? found : []; } catch { return []; } };
  const asAsked = (words) => { try { return JSON.parse(words); } catch { return null; } };
  // A question that was under way when the page was left is asked again; narrowed down, it waits in the box, for what
  // it was narrowed down to is gone.
  const PENDING = "coproduce.asking";
  const pend = (what) => {
    if (what && what.question && document.querySelector("#narrowed .asked-of")) keep(what.question);
    else store(PENDING, what ? JSON.stringify(what) : "");
  };

  // What comes back does so in two steps, the earlier turns first, so that nothing in view moves.
  const answered = () => {
    if (!restoring || document.hidden) { finish(); return; }
    const mine = number;
    showNewest();
    requestAnimationFrame(() => requestAnimationFrame(() => { if (mine === number) finish(); }));
  };
  const finish = () => {
    const restored = restoring;
    running = false;
    restoring = false;
    asking = null;
    hideAsking();
    if (restored) for (const turn of document.querySelectorAll(".turn")) announced.add(turn.id); // they were heard before
    const turns = document.querySelectorAll(".turn");
    const turn = turns[turns.length - 1];
    say("");
    if (turn && turn.dataset.complete && !announced.has(turn.id)) {
      announced.add(turn.id);
      say(turn.dataset.said);
      // Whoever reads down the page later meets the answer itself, not this too.
      clearTimeout(silence);
      silence = setTimeout(() => say(""), SPOKEN_MS);
    }
    if (!restored) { pend(null); keep(""); }
    document.body.classList.toggle("talking", turns.length > 0);
    byId("to-answer").hidden = !turns.length;
    store(TURNS, turns.length ? JSON.stringify(questions()) : "");
    document.dispatchEvent(new CustomEvent(restored ? "coproduce:restored" : "coproduce:answered"));
    const refused = byId("problem").querySelector(".error");
    if (refused) { leaveBe(); box().scrollIntoView({ block: "nearest" }); } else followToTheEnd();
    const waiting = next;
    next = null;
    const here = document.activeElement;
    if (waiting) waiting();
    else if (turn && !refused && (toAnswer || (touch.matches && !restored))) goToAnswer();
    else if (!here || here === document.body || !here.closest(".turn, #source, dialog, .masthead")) toBox();
  };

  const sameAs = (what) => asking && JSON.stringify(what) === JSON.stringify(asking);
  const ask = (what) => {
    if (sameAs(what)) return;
    if (running) { next = () => ask(what); return; }
    begin(what);
    document.dispatchEvent(new CustomEvent("coproduce:ask", { detail: what }));
  };

  // Gradio drops what is asked while it answers: it is held back, and asked then.
  const pressAsk = () => byId("ask").click();
  const fromBox = (event) => {
    const question = box().value;
    const again = running ? !question.trim() || sameAs({ question }) : !question && Date.now() - asked < DOUBLE_MS;
    if (event.repeat || again || running) {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!event.repeat && !again) next = pressAsk;
      return;
    }
    begin({ question });
  };
  // The box is emptied as soon as its words are on their way: what is typed from then on is the next question.
  const sent = () => { setTimeout(() => { if (asking && box().value === asking.question) write(""); }, 0); return number; };
  window.addEventListener("keydown", (event) => {
    if (event.target !== box() || event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) fromBox(event);
    if (event.key === "Escape" && newest() && !document.querySelector("#card:not([hidden])")) { event.preventDefault(); goToAnswer(); }
  }, true);
  window.addEventListener("click", (event) => {
    if (event.target.closest && event.target.closest("#ask")) fromBox(event);
    if (event.isTrusted && event.target.closest && event.target.closest("#start-again")) rememberForUndo();
  }, true);

  document.addEventListener("click", (event) => {
    const found = (selector) => event.target.closest && event.target.closest(selector);
    const button = found("button");
    if (found("a.skip[href='#early-question']")) { event.preventDefault(); toBox(); box()?.scrollIntoView({ block: "nearest" }); }
    if (found("#to-answer a")) { event.preventDefault(); goToAnswer(); }
    if (!button) return;
    if (button.matches(".ask-this")) ask({ question: button.dataset.question });
    if (button.id === "undo") undo();
    if (button.id === "forget-all") forgetAll();
    if (button.id === "forget-nothing") byId("forgetting").close();
  });

  // Start again clears the conversation, and Undo asks its questions again; what was under way too.
  let undone = null;
  const rememberForUndo = () => {
    undone = { turns: questions(), under_way: restoring ? null : asking };
    if (!undone.turns.length && !undone.under_way) undone = null;
  };
  const forgetUndo = () => { undone = null; byId("cleared").hidden = true; };
  const undo = () => {
    const { turns, under_way: last } = undone;
    forgetUndo();
    toBox();
    say("The conversation is coming back.");
    if (turns.length) { restore(turns); next = last ? () => ask(last) : null; } else ask(last);
  };
  let forgetting = false; // everything, not the conversation alone
  const cleared = () => {
    running = false;
    restoring = false;
    asking = null;
    next = null;
    announced.clear();
    hideAsking();
    leaveBe();
    for (const name of [TURNS, PENDING, "coproduce.unsent"]) store(name, "");
    if (forgetting) wipe();
    document.dispatchEvent(new CustomEvent("coproduce:forgotten"));
    document.body.classList.remove("talking");
    byId("to-answer").hidden = true;
    byId("cleared").hidden = !undone;
    trouble("");
    say(forgetting ? "Everything is forgotten." : undone ? "The conversation is cleared. Undo stands before the question box." : "The conversation is cleared.");
    forgetting = false;
    toBox();
    window.scrollTo({ top: 0, behavior: "instant" });
    // Gradio may yet draw once more what it had received of an answer: it is cleared again.
    const watch = new MutationObserver(() => {
      if (!running && !document.querySelector(".turn")) return;
      watch.disconnect();
      if (!running) byId("start-again").click();
    });
    watch.observe(byId("talk"), { childList: true, subtree: true });
  };

  // Forget everything: a shared computer forgets, in every tab.
  const others = "BroadcastChannel" in window ? new BroadcastChannel("coproduce") : null;
  const wipe = () => {
    undone = null;
    try { for (const name of Object.keys(sessionStorage)) if (name.startsWith("coproduce.")) sessionStorage.removeItem(name); } catch { /* closed to us */ }
    window.dispatchEvent(new StorageEvent("storage"));
    const widen = byId("widen");
    if (widen) widen.click();
  };
  const forgetHere = () => { forgetting = true; byId("start-again").click(); };
  const forgetAll = () => {
    byId("forgetting").close();
    if (others) others.postMessage("forget");
    forgetHere();
  };
  if (others) others.addEventListener("message", (event) => { if (event.data === "forget" && byId("start-again")) forgetHere(); });
  const askToForget = () => {
    const kept = asList(stored("coproduce.basket")).length;
    byId("forgetting-basket").textContent = kept ? ` (${kept} ${kept === 1 ? "quotation" : "quotations"})` : " (it is empty)";
    byId("forgetting").showModal();
  };

  // What Gradio says in a corner of the screen (the server is gone, the queue is full) is said beside the question.
  const gone = "The question could not be sent: there is no connection, or too many people are asking. It is still in the box. Please try again in a moment.";
  // Once the server is back Gradio loads the page again: what was not sent stands in the box then.
  const keep = (words) => store("coproduce.unsent", words);
  const failed = () => {
    const question = asking && asking.question;
    if (question && box().value !== question) write(box().value ? `${question}\n${box().value}` : question);
    if (!restoring) pend(null);
    running = false;
    restoring = false;
    asking = null;
    next = null;
    hideAsking();
    leaveBe();
    say("");
    keep(box().value);
    document.body.classList.toggle("talking", Boolean(newest()));
    trouble(gone);
    toBox();
    box().scrollIntoView({ block: "nearest" });
  };
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
    const input = box();
    if (input && !touch.matches && input.hasAttribute("aria-describedby") !== Boolean(newest())) {
      if (newest()) input.setAttribute("aria-describedby", "box-keys"); else input.removeAttribute("aria-describedby");
    }
  };

  // How much of the window the box covers where it stays in view: nothing that matters is left under it.
  const measure = () => {
    const place = byId("composer");
    const covers = getComputedStyle(place).position === "sticky" ? place.offsetHeight : 0;
    document.documentElement.style.setProperty("--box", `${covers}px`);
    if (following) showNewest();
  };

  // The first question box, which was there before Gradio's, hands over what was typed and where the focus is.
  const handOver = () => {
    const early = byId("early");
    const input = box();
    if (!early || !input || !byId("ask") || !byId("newest")) return;
    const typed = byId("early-question").value;
    const asks = early.dataset.asked;
    // What the address brought is in the box now; a page that is loaded again would bring it once more.
    if (new URLSearchParams(location.search).has("q")) history.replaceState(history.state, "", location.pathname);
    const focused = early.contains(document.activeElement) || document.activeElement === document.body;
    if (typed || stored("coproduce.unsent")) write(typed || stored("coproduce.unsent"));
    byId("composer").prepend(byId("around-the-box"));
    const turns = asList(stored(TURNS));
    if (turns.length) { document.body.classList.add("talking"); if (!asks) showAsking(""); }
    early.remove();
    delete document.documentElement.dataset.restores;
    if (focused) input.focus({ preventScroll: true });
    if (byId("asking")) putAsking(byId("asking"));
    if (turns.length) follow();
    const resized = new ResizeObserver(measure);
    resized.observe(byId("composer"));
    resized.observe(byId("talk"));
    window.addEventListener("resize", measure);
    const last = asAsked(stored(PENDING));
    setTimeout(() => {
      const goOn = asks ? pressAsk : last ? () => ask(last) : null;
      if (turns.length) { next = goOn; restore(turns); if (asks) showAsking(typed); } else if (goOn) goOn();
    }, 0);
  };
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "early") return;
    event.preventDefault();
    const typed = byId("early-question").value;
    if (!typed.trim() || event.target.dataset.asked) return;
    event.target.dataset.asked = "true";
    say(LOOKING);
    showAsking(typed);
  });
  new MutationObserver(() => {
    handOver();
    repair();
    if (byId("asking") && newest() && newest().id !== before && !restoring) hideAsking();
    if (following) showNewest();
    if (toastCame() && running) failed();
  }).observe(document.documentElement, { childList: true, subtree: true, attributes: true, attributeFilter: ["class"] });

  window.coproduce = { ...window.coproduce, answered, ask, askToForget, cleared, nextRound, round, say, sent, toBox };
})();
