// The chat's own behaviour: what is asked, when it is announced, what is in view, and where the focus goes. Gradio's side
// of it (part/index.js) hands over what is to be shown ("coproduce:drawn"), and takes what is asked ("coproduce:ask").
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
  let joined = false; // Gradio is there
  let early = null; // what was asked before that
  let running = false; // a question is being answered
  let restoring = false; // an earlier conversation is being shown again
  let asking = null; // what is being asked: `{ question }`; where it was offered under an answer, also which and how
  let asked = 0; // when it was
  let before = ""; // the newest turn before it
  let next = null; // what is asked as soon as it is answered
  let toAnswer = false; // who asked went to the answer meanwhile
  let number = 0; // counts "Start again": what was asked before belongs to nobody
  let sent = null; // what Gradio was told last, until it is answered
  const tell = (name, what) => {
    const detail = { ...what, round: number };
    sent = name === "ask" ? detail : null;
    document.dispatchEvent(new CustomEvent(`coproduce:${name}`, { detail }));
  };

  const say = (words) => { const place = byId("spoken"); if (place) place.textContent = words; };
  let silence = 0;
  // A finger opens the keyboard of a phone by going to the box, and the keyboard would cover the answer.
  const touch = window.matchMedia("(hover: none) and (pointer: coarse)");
  const toBox = () => { const input = box(); if (input) input.focus({ preventScroll: true }); };
  const goToAnswer = () => {
    const heading = document.querySelector("#newest .asked");
    if (!heading) { toBox(); return; }
    toAnswer = running; // an answer that grows is written again, and the focus would be lost with it
    heading.focus({ preventScroll: true });
    showNewest();
  };
  const MOST_LINES = 6;
  const fit = () => {
    const input = box();
    input.style.height = "auto";
    const { borderTopWidth, lineHeight } = getComputedStyle(input);
    const borders = 2 * parseFloat(borderTopWidth);
    input.style.height = `${Math.min(input.scrollHeight, (MOST_LINES + 1) * parseFloat(lineHeight)) + borders}px`;
  };
  const write = (words) => { box().value = words; fit(); };
  const giveBack = (words) => { if (words && box().value !== words) write(box().value ? `${words}\n${box().value}` : words); };
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
  const comingBack = () => showAsking("", true);
  const showAsking = (question, back = false) => {
    const place = byId("asking") || document.createElement("div");
    place.id = "asking";
    place.classList.toggle("coming-back", back);
    const heading = document.createElement("h2");
    const said = document.createElement("span");
    const waiting = document.createElement("p");
    heading.className = "asked";
    said.className = "said-by";
    said.textContent = question ? "You asked:" : "";
    heading.append(said, ` ${question}`);
    waiting.className = "waiting";
    waiting.textContent = back ? "Your conversation is coming back …" : LOOKING;
    place.replaceChildren(...(question ? [heading] : []), waiting);
    byId("save").before(place);
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
    byId("narrow").open = false; // it would lie over the answer
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
    comingBack();
    document.body.classList.add("talking");
    follow();
    tell("ask", { restore: turns });
  };
  const asList = (words) => { try { const found = JSON.parse(words); return Array.isArray(found) ? found : []; } catch { return []; } };
  const asAsked = (words) => { try { return JSON.parse(words); } catch { return null; } };
  // A question that was under way when the page was left is asked again.
  const PENDING = "coproduce.asking";
  const pend = (what) => store(PENDING, what ? JSON.stringify(what) : "");

  // What Python gives: HTML by its place, and what became of the question.
  let saving = ""; // of what comes back, until it is there
  const draw = (shown) => {
    if (shown.round !== number) return; // of a conversation that was cleared
    for (const name of ["earlier", "newest", "problem"]) if (name in shown) byId(name).innerHTML = shown[name]; // our server escapes everything
    if ("save" in shown) { if (restoring) saving = shown.save; else byId("save").innerHTML = shown.save; }
    giveBack(shown.box);
    if (byId("asking") && newest() && newest().id !== before && !restoring) hideAsking();
    if (following) showNewest();
    if (shown.answered) answered();
  };

  // What comes back does so in two steps, the earlier turns first, so that nothing in view moves.
  const answered = () => {
    sent = null;
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
    if (restored) byId("save").innerHTML = saving;
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
    describeBox();
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

  // Where there are keys, the box says which one leads from it to the answer.
  const describeBox = () => {
    if (newest() && !touch.matches) box().setAttribute("aria-describedby", "box-keys"); else box().removeAttribute("aria-describedby");
  };
  const sameAs = (what) => asking && JSON.stringify(what) === JSON.stringify(asking);
  const ask = (what) => {
    if (sameAs(what)) return;
    if (running) { next = () => ask(what); return; }
    if (!joined) { askEarly(what); return; }
    begin(what);
    tell("ask", what);
  };
  // Gradio is not there yet: it is said all the same, and asked then.
  const askEarly = (what) => {
    if (early) return;
    early = what;
    pend(what);
    say(LOOKING);
    showAsking(what.question);
  };

  // The box is emptied as soon as its words are on their way: what is typed from then on is the next question.
  const askFromBox = () => {
    const what = { question: box().value, filters: filters() };
    const nothing = !what.question.trim();
    if (early || (!joined && nothing)) return;
    if (running) { if (!nothing && !sameAs(what)) next = askFromBox; return; }
    if (!what.question && Date.now() - asked < DOUBLE_MS) return;
    ask(what);
    write("");
  };
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "question") return;
    event.preventDefault();
    askFromBox();
  });
  document.addEventListener("input", (event) => { if (event.target === box()) fit(); });
  window.addEventListener("keydown", (event) => {
    if (event.target !== box() || event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (!event.repeat) askFromBox();
    }
    if (event.key === "Escape" && newest() && !document.querySelector("#card:not([hidden])")) { event.preventDefault(); goToAnswer(); }
  }, true);

  // What questions are narrowed down to: said above the buttons, and sent with each question.
  const narrowing = () => [...document.querySelectorAll("#narrow input:checked")].filter((one) => one.value);
  const filters = () => Object.fromEntries(narrowing().map((one) => [one.dataset.narrows, one.value]));
  const sayNarrowed = () => {
    const said = narrowing().map((one) => one.dataset.said).join(" · ");
    byId("narrowed").textContent = said ? `Narrowed to: ${said}` : "";
    byId("widen").hidden = !said;
  };
  const widen = () => {
    for (const one of document.querySelectorAll("#narrow input[value='']")) one.checked = true;
    sayNarrowed();
    toBox();
  };
  document.addEventListener("change", (event) => { if (event.target.closest("#narrow")) sayNarrowed(); });

  document.addEventListener("click", (event) => {
    const found = (selector) => event.target.closest && event.target.closest(selector);
    const button = found("button");
    if (found("a.skip[href='#question-box']")) { event.preventDefault(); toBox(); box().scrollIntoView({ block: "nearest" }); }
    if (found("#to-answer a")) { event.preventDefault(); goToAnswer(); }
    if (!button) return;
    if (button.matches(".ask-this")) ask({ question: button.dataset.question, filters: filters() });
    if (button.id === "start-again") { rememberForUndo(); clear(); }
    if (button.id === "widen") widen();
    if (button.id === "forget") askToForget();
    if (button.id === "undo") undo();
    if (button.id === "forget-all") forgetAll();
    if (button.id === "forget-nothing") byId("forgetting").close();
  });

  // What is unfolded at the end of the conversation would lie under the box.
  document.addEventListener("toggle", (event) => {
    if (event.target.matches("details.save[open]")) { leaveBe(); event.target.scrollIntoView({ block: "nearest" }); }
  }, true);

  // Start again clears the conversation, and Undo asks its questions again; what was under way too.
  let undone = null;
  const rememberForUndo = () => {
    undone = { turns: questions(), under_way: restoring ? null : asking || early };
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
  const clear = (everything = false) => {
    number += 1; // what is still on its way belongs to nobody
    tell("clear");
    for (const name of ["earlier", "newest", "save", "problem"]) if (byId(name)) byId(name).replaceChildren();
    write("");
    early = null;
    running = false;
    restoring = false;
    asking = null;
    next = null;
    announced.clear();
    hideAsking();
    leaveBe();
    for (const name of [TURNS, PENDING, "coproduce.unsent"]) store(name, "");
    if (everything) wipe();
    document.dispatchEvent(new CustomEvent("coproduce:forgotten"));
    document.body.classList.remove("talking");
    byId("to-answer").hidden = true;
    describeBox();
    byId("cleared").hidden = !undone;
    trouble("");
    say(everything ? "Everything is forgotten." : undone ? "The conversation is cleared. Undo stands before the question box." : "The conversation is cleared.");
    toBox();
    window.scrollTo({ top: 0, behavior: "instant" });
  };

  // Forget everything: a shared computer forgets, in every tab.
  const others = "BroadcastChannel" in window ? new BroadcastChannel("coproduce") : null;
  const wipe = () => {
    undone = null;
    try { for (const name of Object.keys(sessionStorage)) if (name.startsWith("coproduce.")) sessionStorage.removeItem(name); } catch { /* closed to us */ }
    window.dispatchEvent(new StorageEvent("storage"));
    widen();
  };
  const forgetAll = () => {
    byId("forgetting").close();
    if (others) others.postMessage("forget");
    clear(true);
  };
  if (others) others.addEventListener("message", (event) => { if (event.data === "forget" && byId("question")) clear(true); });
  const askToForget = () => {
    const kept = asList(stored("coproduce.basket")).length;
    byId("forgetting-basket").textContent = kept ? ` (${kept} ${kept === 1 ? "quotation" : "quotations"})` : " (it is empty)";
    byId("forgetting").showModal();
  };

  // A question that ended without an answer (the server is gone, the queue is full): that is said beside it.
  const gone = "The question could not be sent: there is no connection, or too many people are asking. It is still in the box. Please try again in a moment.";
  // Once the server is back Gradio loads the page again: what was not sent stands in the box then.
  const keep = (words) => store("coproduce.unsent", words);
  const failed = () => {
    giveBack(asking && asking.question);
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
  // How much of the window the box covers where it stays in view: nothing that matters is left under it.
  const measure = () => {
    const place = byId("composer");
    const covers = getComputedStyle(place).position === "sticky" ? place.offsetHeight : 0;
    document.documentElement.style.setProperty("--box", `${covers}px`);
    if (following) showNewest();
  };

  document.addEventListener("coproduce:drawn", ({ detail }) => draw(detail));
  document.addEventListener("coproduce:ended", ({ detail }) => { if (running && detail === sent) failed(); });
  document.addEventListener("coproduce:joined", () => {
    if (joined) return;
    joined = true;
    const turns = asList(stored(TURNS));
    const first = early || asAsked(stored(PENDING));
    const goOn = first ? () => ask(first) : null;
    const question = early && early.question;
    early = null;
    if (turns.length) { next = goOn; restore(turns); if (question) showAsking(question); } else if (goOn) goOn();
  });
  const opened = () => {
    // What the address brought is in the box now; a page that is loaded again would bring it once more.
    if (new URLSearchParams(location.search).has("q")) history.replaceState(history.state, "", location.pathname);
    if (stored("coproduce.unsent") && !box().value) write(stored("coproduce.unsent"));
    if (box().value) fit();
    sayNarrowed();
    if (asList(stored(TURNS)).length) {
      document.body.classList.add("talking");
      if (!early) comingBack();
    }
    delete document.documentElement.dataset.restores;
    const resized = new ResizeObserver(measure);
    resized.observe(byId("composer"));
    resized.observe(byId("talk"));
    window.addEventListener("resize", measure);
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", opened); else opened();

  window.coproduce = { ...window.coproduce, ask, say };
})();
