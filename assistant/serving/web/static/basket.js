// Keeps and copies quotations. The basket is a list of spans in this tab's sessionStorage, and nothing on the server.
(() => {
  "use strict";
  const KEY = "coproduce.basket";
  // What a proxy serves us below, if anything: where this file came from says it.
  const ROOT = new URL(document.currentScript.src).pathname.replace(/\/files\/[^/]*$/, "");
  const MOST = 200;
  let unstored = []; // what is kept where storage is closed to us: for this page only
  let emptied = [];

  const isItem = (one) => one && typeof one.document_id === "string" && typeof one.passage_id === "string" &&
    Number.isInteger(one.start) && Number.isInteger(one.end);
  const read = () => {
    try { return JSON.parse(sessionStorage.getItem(KEY) || "[]").filter(isItem); } catch { return unstored; }
  };
  const write = (items) => {
    unstored = items;
    try { sessionStorage.setItem(KEY, JSON.stringify(items)); } catch { /* kept for this page */ }
    sync();
  };
  const same = (one, other) => ["document_id", "passage_id", "start", "end"].every((name) => one[name] === other[name]);
  const itemOf = (button) => ({
    document_id: button.dataset.document, passage_id: button.dataset.passage,
    start: Number(button.dataset.start), end: Number(button.dataset.end),
  });

  // One polite live region: emptied first, so that the same words are said again when they are true again.
  const says = document.createElement("p");
  says.className = "basket-says";
  says.setAttribute("role", "status");
  document.body.append(says);
  let saying = 0;
  const say = (words) => {
    clearTimeout(saying);
    says.textContent = "";
    saying = setTimeout(() => {
      // Above the chat's question box, where that lies at the bottom of the window.
      const box = document.getElementById("composer");
      const at = box && box.getBoundingClientRect();
      says.style.bottom = at && at.top < window.innerHeight && at.bottom > window.innerHeight - 44 ? `${window.innerHeight - at.top}px` : "0";
      says.textContent = words;
      saying = setTimeout(() => { says.textContent = ""; }, 8000);
    }, 60);
  };

  // Buttons come and go with answers: each shows whether its quotation is kept.
  const sync = () => {
    const items = read();
    for (const button of document.querySelectorAll("button.keep")) {
      const kept = String(items.some((one) => same(one, itemOf(button))));
      if (button.getAttribute("aria-pressed") !== kept) button.setAttribute("aria-pressed", kept);
    }
    const label = items.length ? `Basket (${items.length})` : "Basket";
    for (const link of document.querySelectorAll('nav a[href$="/basket"]')) {
      if (link.textContent !== label) link.textContent = label;
    }
  };
  let planned = 0;
  new MutationObserver(() => {
    cancelAnimationFrame(planned);
    planned = requestAnimationFrame(sync);
  }).observe(document.body, { childList: true, subtree: true });

  const keep = (button) => {
    const items = read();
    const item = itemOf(button);
    if (items.some((one) => same(one, item))) {
      write(items.filter((one) => !same(one, item)));
      say("Taken out of your basket");
    } else if (items.length >= MOST) {
      say(`Your basket is full: it holds ${MOST} quotations.`);
    } else {
      write([...items, item]);
      say("Kept in your basket");
    }
  };

  const post = (address, body) => fetch(address, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body),
  });
  const fetchText = async (body) => {
    const answer = await post(`${ROOT}/export/text`, body);
    const told = await answer.json();
    if (!answer.ok) throw new Error(told.error.message);
    return told.text;
  };
  const copy = async (button, body) => {
    const text = fetchText(body);
    // Asked for at once, while the press still counts: Safari forgets it after the first wait.
    const written = navigator.clipboard && window.ClipboardItem
      ? Promise.resolve().then(() => navigator.clipboard.write([
        new ClipboardItem({ "text/plain": text.then((words) => new Blob([words], { type: "text/plain" })) }),
      ])).then(() => true, () => false)
      : Promise.resolve(false);
    let words;
    try { words = await text; } catch (error) { say(error.message || "It could not be copied. Please try again."); return; }
    if (await written || copySelected(button, words)) say("Copied, with its reference");
    else showToCopy(button, words);
  };
  // The Clipboard API is not there on plain http: an older way is.
  const copySelected = (button, words) => {
    const box = document.createElement("textarea");
    box.className = "unseen";
    box.readOnly = true;
    box.value = words;
    button.after(box);
    box.select();
    let done = false;
    try { done = document.execCommand("copy"); } catch { /* shown to be copied by hand */ }
    box.remove();
    button.focus();
    return done;
  };
  const showToCopy = (button, words) => {
    const label = document.createElement("label");
    label.className = "by-hand";
    label.textContent = window.matchMedia("(hover: none) and (pointer: coarse)").matches ? "Copy this by hand:" : "Copy this with Ctrl and C:";
    const box = document.createElement("textarea");
    box.readOnly = true;
    box.value = words;
    label.append(box);
    const row = button.closest(".actions") || button;
    if (row.nextElementSibling && row.nextElementSibling.className === "by-hand") row.nextElementSibling.remove();
    row.after(label);
    box.select();
  };

  // The questions of the conversation on this page, oldest first, down to one of them.
  const turnsTo = (last) => {
    const turns = [];
    for (const turn of document.querySelectorAll("article.turn[data-question]")) {
      let filters = {};
      try { filters = JSON.parse(turn.dataset.filters || "{}"); } catch { /* none */ }
      let history = null;
      try { history = turn.dataset.history ? JSON.parse(turn.dataset.history) : null; } catch { /* those above it */ }
      turns.push({ question: turn.dataset.question, filters, history });
      if (turn === last) break;
    }
    return turns.slice(-50); // as many as the server takes
  };

  const list = document.querySelector("[data-basket]");
  let drawn = 0;
  const draw = async (focus) => {
    const items = read();
    const turn = ++drawn;
    list.setAttribute("aria-busy", "true");
    let html = null;
    try {
      const answer = await post(`${ROOT}/basket/items`, items);
      if (answer.ok) html = await answer.text();
    } catch { /* said below */ }
    if (turn !== drawn) return;
    list.removeAttribute("aria-busy");
    if (html === null) {
      list.textContent = "The basket cannot be shown just now. Please load this page again.";
      return;
    }
    list.innerHTML = html; // written by our own server, which escapes everything
    document.getElementById("basket-tools").hidden = !items.length;
    document.querySelector('[data-does="put-back"]').hidden = items.length > 0 || !emptied.length;
    if (focus) focus();
  };
  const focusOn = (index, ...wanted) => () => {
    const row = list.querySelector(`li[data-index="${index}"]`);
    const button = row && wanted.map((does) => row.querySelector(`[data-does="${does}"]:enabled`)).find(Boolean);
    (button || document.getElementById("basket-heading")).focus();
  };
  const change = (button) => {
    const does = button.dataset.does;
    const items = read();
    const row = button.closest("li[data-index]");
    const index = row ? Number(row.dataset.index) : -1;
    if (does === "up" || does === "down") {
      const to = index + (does === "up" ? -1 : 1);
      if (to < 0 || to >= items.length) return;
      [items[index], items[to]] = [items[to], items[index]];
      write(items);
      say(`Moved to place ${to + 1} of ${items.length}`);
      draw(focusOn(to, does, does === "up" ? "down" : "up"));
    } else if (does === "remove") {
      write(items.filter((_, at) => at !== index));
      say("Taken out of your basket");
      draw(focusOn(Math.min(index, items.length - 2), "remove"));
    } else if (does === "empty") {
      emptied = items;
      write([]);
      say("Your basket is empty");
      draw(() => document.querySelector('[data-does="put-back"]').focus());
    } else if (does === "put-back") {
      write([...emptied, ...items]);
      emptied = [];
      say("Put back into your basket");
      draw(() => document.getElementById("basket-heading").focus());
    }
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("button");
    if (!button) return;
    if (button.matches(".keep")) keep(button);
    else if (button.matches(".copy")) copy(button, itemOf(button));
    else if (button.matches(".copy-answer")) copy(button, { turns: turnsTo(button.closest("article.turn")).slice(-1) });
    else if (list && button.dataset.does) change(button);
  });
  // An ordinary form, so that the browser downloads the file: only its hidden field is filled here.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const exports = form.dataset && form.dataset.exports;
    if (exports === "items") form.elements.items.value = JSON.stringify(read());
    else if (exports === "turns") form.elements.turns.value = JSON.stringify(turnsTo(null));
    else return;
    if (form.elements.format) say("Your file is being made");
  });
  window.addEventListener("storage", () => { sync(); if (list) draw(); });
  // Another tab was told to forget everything on this computer: so does this one.
  if ("BroadcastChannel" in window) {
    new BroadcastChannel("coproduce").addEventListener("message", (event) => {
      if (event.data !== "forget") return;
      unstored = [];
      emptied = [];
      try { for (const name of Object.keys(sessionStorage)) if (name.startsWith("coproduce.")) sessionStorage.removeItem(name); } catch { /* closed to us */ }
      window.dispatchEvent(new StorageEvent("storage"));
    });
  }
  window.coproduce = { ...window.coproduce, tell: say };
  sync();
  if (list) draw();
})();
