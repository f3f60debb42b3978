// Brings the highlighted words into view; the page works without this, by the #cited in its address.
(() => {
  "use strict";
  if (window.top !== window) document.querySelector(".home").remove(); // beside the chat it would end the conversation
  const cited = document.getElementById("cited");
  if (cited) cited.scrollIntoView({ block: "center" });
})();
