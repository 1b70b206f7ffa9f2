// Where to start: counts the first answer opened of each question, as the page's text says.
document.addEventListener("DOMContentLoaded", () => {
  const data = document.getElementById("rnn-placement");
  if (!data) return;
  const { blocks, last } = JSON.parse(data.textContent);
  const questions = [...document.querySelectorAll(".rnn-asked")];
  const right = questions.map(() => null);

  const said = document.createElement("div");
  said.className = "rnn-placement";
  said.setAttribute("role", "status");

  const link = ([number, , title, href]) => {
    const a = document.createElement("a");
    a.href = href;
    a.textContent = `chapter ${number}, ${title}`;
    return a;
  };
  const line = (...parts) => {
    const p = document.createElement("p");
    p.append(...parts);
    said.append(p);
  };

  const result = () => {
    const pairs = blocks.map((_, n) => right.slice(2 * n, 2 * n + 2));
    const end = pairs.findIndex((pair) => pair.includes(null));
    const full = end < 0 ? pairs : pairs.slice(0, end);
    const half = (pair) => pair && pair[0] !== pair[1];
    const start = full.findIndex((p, n) => !(p[0] || p[1]) || (half(p) && half(full[n + 1])));
    if (start < 0 && end >= 0) return line(`${right.filter((r) => r !== null).length} of ${right.length} answered; go on with the next.`);
    const known = start < 0 ? blocks : blocks.slice(0, start);
    if (start < 0) line(`Start with ${last}: there was no pair of which you missed both questions.`);
    else line("Start with ", link(blocks[start].chapters[0]), ": ", half(pairs[start]) ? "you missed one question of its pair and one of the next." : "you missed both questions of its pair.");
    const judged = (was) => known.flatMap(({ chapters, asked }, n) =>
      chapters.filter(([number]) => pairs[n][asked.indexOf(number)] === was));
    const skim = judged(false), skip = judged(true);
    if (skim.length) line("Skim first: ", ...skim.flatMap((one, n) => [n ? "; " : "", link(one)]), `. You missed ${skim.length > 1 ? "the question on each" : "its question"}.`);
    if (skip.length) line(`Nothing spoke against leaving out ${skip.map(([number]) => number).join(", ")}; no others were asked about.`);
  };

  questions.forEach((question, n) => {
    question.addEventListener("toggle", (event) => {
      if (!event.target.open) return;
      const answer = event.target.querySelector(".sd-summary-content").textContent.trim();
      right[n] ??= answer.startsWith("✓");
      question.after(said);
      said.replaceChildren();
      result();
    }, true);
  });
});
