// Brings the highlighted words into view; the page works without this, by the #cited in its address.
(() => {
  "use strict";
  const cited = document.getElementById("cited");
  if (cited) cited.scrollIntoView({ block: "center" });
})();
