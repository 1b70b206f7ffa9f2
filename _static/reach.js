// What scrolls by itself can be reached by keyboard, and says what it is.
// <html data-ready> says that the page is as it will stay, formulas included.
const SCROLLERS = {
  "main pre": "code or output",
  "main .cell_output > .output": "output",
  "main .pst-scrollable-table-container": "table",
  "main div.math mjx-container": "formula",
};

const nameScrollers = () => {
  for (const [where, name] of Object.entries(SCROLLERS)) {
    for (const one of document.querySelectorAll(where)) {
      if (one.scrollWidth > one.clientWidth + 1) {
        one.tabIndex = 0;
        one.setAttribute("role", "group");
        one.setAttribute("aria-label", `${name}, wider than the page`);
      } else if (one.getAttribute("role") === "group") {
        for (const attribute of ["tabindex", "role", "aria-label"]) one.removeAttribute(attribute);
      }
    }
  }
};

window.addEventListener("load", async () => {
  await window.MathJax?.startup?.promise;
  nameScrollers();
  document.documentElement.dataset.ready = "";
  let waiting;
  window.addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(nameScrollers, 200);
  });
  document.addEventListener("toggle", nameScrollers, true);
});
