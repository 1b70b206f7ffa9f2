// Formulas first, then the slides; <html data-ready> says that both are there.
addEventListener("DOMContentLoaded", async () => {
  await window.MathJax?.startup?.promise;
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
