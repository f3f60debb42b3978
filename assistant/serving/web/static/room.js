// The one script of the pages of sessions. The page works without it: this sends forms and shows what is new in place.
(() => {
  "use strict";
  const keyForm = document.querySelector("[data-key-form]");
  if (keyForm && location.hash.length > 1) { // the key of a link never reaches a server's log: it stands after the #
    keyForm.elements.key.value = decodeURIComponent(location.hash.slice(1));
    history.replaceState(null, "", location.pathname);
    keyForm.submit();
    return;
  }
  const page = document.querySelector("[data-room]");
  if (!page) return;
  const ROOT = new URL(document.currentScript.src).pathname.replace(/\/files\/[^/]*$/, "");
  const HERE = `${ROOT}/room/${page.dataset.session}/${page.dataset.room}`;
  const BEAT_MS = 25000, SAY_MS = 5000, POLL_MS = 5000;
  const words = page.dataset;
  const store = (name) => `coproduce.room.${page.dataset.session}.${page.dataset.room}.${name}`;
  const keep = (name, value) => { try { if (value) sessionStorage.setItem(store(name), value); else sessionStorage.removeItem(store(name)); } catch { /* storage is closed to us */ } };
  const kept = (name) => { try { return sessionStorage.getItem(store(name)) || ""; } catch { return ""; } };
  const EMPTIED = new Set(["question", "word", "rule", "lead-rule"]); // of these another may be sent; all else is shown as it was sent
  const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join("");

  // What is said to a screen reader: the last thing, and at most one in five seconds.
  const live = page.querySelector("[data-live]");
  let saying = "", saidAt = -SAY_MS, sayLater = 0;
  const say = (sentence) => {
    if (!sentence) return;
    saying = sentence;
    if (sayLater) return;
    sayLater = setTimeout(() => { sayLater = 0; saidAt = performance.now(); live.textContent = saying; }, Math.max(0, saidAt + SAY_MS - performance.now()));
  };

  // Drafts: what is half typed survives a reload, and is shown again whenever its box is.
  const restore = (root) => {
    for (const box of root.querySelectorAll("[data-draft]")) {
      const draft = kept(box.dataset.draft);
      if (!draft) continue;
      if (box.type === "radio") box.checked = box.value === draft;
      else if (box !== document.activeElement) box.value = draft;
    }
  };
  page.addEventListener("input", (event) => { const box = event.target.closest("[data-draft]"); if (box) keep(box.dataset.draft, box.value); });
  // What was sent is forgotten; what was typed since stays.
  const forget = (form, item) => {
    for (const box of form.querySelectorAll("[data-draft]")) {
      const sent = item.fields.find(([name]) => name === box.name);
      if (!sent || sent[1] !== box.value) continue;
      keep(box.dataset.draft, "");
      if (EMPTIED.has(box.dataset.draft)) box.value = "";
    }
  };

  // Make one piece of a page like another, leaving alone what is alike: what has the focus stays, and so does its text.
  const OWN = new Set(["value", "checked", "open"]); // these belong to whoever uses the page
  const alike = (a, b) => a.nodeType === b.nodeType && a.nodeName === b.nodeName && (a.id || "") === (b.id || "") && (a.dataset ? a.dataset.form || "" : "") === (b.dataset ? b.dataset.form || "" : "");
  const morph = (from, to) => {
    if (from.nodeType !== Node.ELEMENT_NODE) { if (from.nodeValue !== to.nodeValue) from.nodeValue = to.nodeValue; return; }
    for (const { name } of [...from.attributes]) if (!to.hasAttribute(name) && !OWN.has(name)) from.removeAttribute(name);
    for (const { name, value } of to.attributes) if (from.getAttribute(name) !== value && !(name === "open") && !(name === "value" && from === document.activeElement)) from.setAttribute(name, value);
    if (from.nodeName === "TEXTAREA") return;
    let next = from.firstChild;
    for (const wanted of [...to.childNodes]) {
      let match = next;
      while (match && !alike(match, wanted)) match = match.nextSibling;
      if (match && (match === next || wanted.id)) {
        if (match !== next) from.insertBefore(match, next); else next = next.nextSibling;
        morph(match, wanted);
      } else if (match) {
        while (next !== match) { const gone = next; next = next.nextSibling; gone.remove(); }
        next = next.nextSibling;
        morph(match, wanted);
      } else from.insertBefore(wanted, next);
    }
    while (next) { const gone = next; next = next.nextSibling; gone.remove(); }
  };

  let following = true, waitingScreen = null;
  const followButton = page.querySelector("[data-follow-button]");
  if (followButton) followButton.addEventListener("click", () => {
    following = !following;
    followButton.setAttribute("aria-pressed", String(!following));
    followButton.textContent = following ? words.unfollow : words.follow;
    if (following && waitingScreen !== null) { show("screen", waitingScreen); waitingScreen = null; }
  });
  const sayings = (root) => new Map([...root.querySelectorAll("[data-say]")].map((one) => [one.id, one.dataset.say]));
  const show = (name, html) => {
    const part = page.querySelector(`[data-part="${name}"]`);
    if (!part) return;
    if (name === "screen" && !following) { waitingScreen = html; return; }
    const before = sayings(part), had = part.contains(document.activeElement);
    const fresh = document.createElement("div");
    fresh.innerHTML = html; // written and escaped by our templates; the page's policy runs nothing in it
    const wrapper = part.cloneNode(false);
    wrapper.append(...fresh.childNodes);
    morph(part, wrapper);
    restore(part);
    if (had && !part.contains(document.activeElement)) { const title = part.querySelector("[tabindex='-1'], h2, h3"); if (title) { title.tabIndex = -1; title.focus({ preventScroll: true }); } }
    if (page.dataset.room === "take") for (const [id, sentence] of sayings(part)) if (before.get(id) !== sentence) say(sentence);
    if (page.dataset.room === "screen" && name === "screen") joins();
  };
  const joins = () => {
    const aside = page.querySelector("[data-join]"), slide = page.querySelector("[data-joins]");
    if (aside && slide) aside.hidden = slide.dataset.joins !== "yes";
  };

  // What is new: a stream while the page is seen, and at once what was missed when it is seen again.
  let n = Number(page.dataset.n), source = null, beat = 0, failed = 0, poll = 0, clock = 0, lost = false;
  const state = page.querySelector("[data-state]");
  const connected = (yes) => {
    if (yes === !lost) return;
    lost = !yes;
    state.hidden = yes;
    state.textContent = yes ? "" : words.lost;
    say(yes ? words.back : words.lost);
  };
  const take = (data) => {
    if (data.now) clock = data.now * 1000 - Date.now();
    for (const [name, html] of Object.entries(data.parts || {})) show(name, html);
    if (data.n > n) n = data.n;
    connected(true);
  };
  const catchUp = async () => {
    try {
      const reply = await fetch(`${HERE}/changes?after=${n}`, { headers: { Accept: "application/json" } });
      if (reply.status === 403) { location.reload(); return; }
      if (reply.ok) take(await reply.json());
    } catch { connected(false); }
  };
  const alive = () => { clearTimeout(beat); beat = setTimeout(() => { connected(false); open(); }, BEAT_MS); };
  const close = () => { clearTimeout(beat); clearInterval(poll); poll = 0; if (source) source.close(); source = null; };
  const open = () => {
    close();
    if (document.hidden) return;
    source = new EventSource(`${HERE}/stream?after=${n}`);
    alive();
    const mine = source;
    source.onmessage = (event) => { failed = 0; alive(); take(JSON.parse(event.data)); };
    source.addEventListener("beat", () => { failed = 0; connected(true); alive(); });
    source.addEventListener("over", () => { close(); setTimeout(async () => { await catchUp(); if (!document.hidden) open(); }, 1500); });
    source.onerror = () => {
      if (mine !== source) return;
      failed += 1;
      catchUp();
      close();
      if (failed > 3) poll = setInterval(catchUp, POLL_MS); // streams are cut here
      setTimeout(() => { if (!source && !document.hidden) open(); }, failed > 3 ? 30000 : 1000 * failed);
    };
  };
  const wake = () => { if (document.hidden) close(); else { catchUp(); open(); } };
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("pageshow", (event) => { if (event.persisted) wake(); });
  window.addEventListener("pagehide", close);
  window.addEventListener("online", wake);

  // Sending: kept here until it is acknowledged; tried again with the same key, so that it counts once.
  let outbox = [];
  const saveOutbox = () => page.dataset.room === "take" && keep("outbox", outbox.length ? JSON.stringify(outbox) : "");
  const post = async (item) => {
    const reply = await fetch(item.to, { method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams(item.fields) });
    const said = await reply.json().catch(() => ({}));
    if (reply.status >= 500) throw new Error("again");
    return { ok: reply.ok, said };
  };
  const told = (form, sentence, wrong, inEnglish) => {
    const place = form && form.isConnected ? form.querySelector("[data-told]") : null;
    if (place) { place.textContent = sentence; place.classList.toggle("error", wrong); if (inEnglish) place.lang = "en-GB"; else place.removeAttribute("lang"); }
    if (page.dataset.room === "take" || wrong) say(sentence);
  };
  const deliver = async (item, form) => {
    for (let tries = 0; ; tries += 1) {
      try {
        const { ok, said } = await post(item);
        outbox = outbox.filter((one) => one.key !== item.key);
        saveOutbox();
        const typed = form && form.isConnected ? form : page.querySelector(`[data-send][action="${item.to}"]`); // after a reload
        if (!ok) { told(form, said.error || words.notSent, true, Boolean(said.error)); return; }
        if (typed) forget(typed, item);
        told(form, words.saved, false);
        if (said.link) { location.href = said.link; return; }
        if (said.n > n && !source) catchUp();
        return;
      } catch {
        told(form, words.notSent, true);
        connected(false);
        await new Promise((done) => setTimeout(done, Math.min(1000 * 2 ** tries, 8000)));
      }
    }
  };
  page.addEventListener("submit", (event) => {
    const form = event.target.closest("[data-send]");
    if (!form) { if (event.target.closest("[data-leave]")) { try { for (const name of Object.keys(sessionStorage)) if (name.startsWith(store(""))) sessionStorage.removeItem(name); } catch { /* storage is closed to us */ } } return; }
    event.preventDefault();
    const fields = new FormData(form, event.submitter);
    const key = newKey();
    fields.set("key", key);
    const item = { key, to: form.getAttribute("action"), fields: [...fields].filter(([, value]) => typeof value === "string") };
    const same = (one) => one.to === item.to && JSON.stringify(one.fields.filter(([name]) => name !== "key")) === JSON.stringify(item.fields.filter(([name]) => name !== "key"));
    if (form.querySelector("[data-draft]") && outbox.some(same)) return; // a double tap
    outbox.push(item);
    saveOutbox();
    deliver(item, form);
  });
  try { outbox = JSON.parse(kept("outbox") || "[]"); } catch { outbox = []; }
  for (const item of outbox) deliver(item, null);

  // A timer counts down to a time; it is spoken when it begins, a minute before its end, and at its end.
  let timed = 0, spoken = "";
  const speak = (what, sentence) => { if (spoken !== what) { spoken = what; say(sentence); } };
  setInterval(() => {
    const timer = page.querySelector("[data-ends]");
    if (!timer) { timed = 0; spoken = ""; return; }
    const ends = Number(timer.dataset.ends), left = Math.max(0, Math.round(ends - (Date.now() + clock) / 1000));
    timer.querySelector("[data-left]").textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (!timed && left > 60) say(words.timerBegan);
    timed = ends;
    if (left > 60) spoken = ""; // it was lengthened: its warning and its end are spoken again
    if (left === 0) speak("over", words.timerOver); else if (left <= 60) speak("soon", words.timerSoon);
  }, 500);

  restore(page);
  joins();
  open();
})();
