// The width, height and depth of formulas in em: [[TeX, whether on a line of its own], ...] comes
// in as JSON, [[width, height, depth], ...] goes out. The first argument is the folder of MathJax.
const folder = process.argv[2];
const formulas = JSON.parse(require("fs").readFileSync(0, "utf8"));
const {loader, ...settings} = JSON.parse(process.argv[3]);
globalThis.MathJax = {
  ...settings,
  loader: {paths: {mathjax: folder}, require, load: ["adaptors/liteDOM", ...loader.load]},
  startup: {typeset: false},
};
require(`${folder}/startup.js`);
MathJax.startup.promise.then(() => {
  const paper = MathJax.startup.document, [input] = paper.inputJax;
  const sizes = formulas.map(([tex, alone]) => {
    const formula = new paper.options.MathItem(tex, input, alone);
    formula.setMetrics(16, 8, 1e6, 1e6, 1);
    formula.compile(paper);
    const {w, h, d} = paper.outputJax.getBBox(formula, paper);
    return [w, h, d];
  });
  console.log(JSON.stringify(sizes));
});
