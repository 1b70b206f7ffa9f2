// Formulas first, then the slides; <html data-ready> says that both are there.
addEventListener("DOMContentLoaded", async () => {
  await window.MathJax?.startup?.promise;
  // The speaker's window has no MathJax: its formulas become MathML, which browsers show themselves.
  for (const formula of document.querySelectorAll("aside.notes .tex"))
    formula.innerHTML = MathJax.tex2mml(formula.textContent, {display: false});
  const ready = () => { document.documentElement.dataset.ready = ""; };
  Reveal.on("ready", () => Reveal.isPrintView() || ready());
  Reveal.on("pdf-ready", ready);
  Reveal.initialize({
    width: 1280,
    height: 720,
    margin: 0,
    center: false,
    hash: true,
    navigationMode: "linear",
    transition: "none",
    backgroundTransition: "none",
    controlsTutorial: false,
    slideNumber: "c/t",
    pdfMaxPagesPerSlide: 1,
    scrollActivationWidth: null,
    plugins: [RevealNotes],
  });
});
