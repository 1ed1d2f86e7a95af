// Filters by rule and by fix, opens what a link leads to, and goes from finding to finding. The page is complete without it.
(() => {
  const controls = document.querySelector(".controls");
  if (!controls) return;
  controls.hidden = false;
  const findings = [...document.querySelectorAll(".finding")];
  const files = [...document.querySelectorAll("details.file")];
  const { rule, safety, open, close } = controls.elements;
  const filter = () => {
    for (const finding of findings) {
      const { rules, safety: level } = finding.dataset;
      finding.hidden = !((!rule.value || rules.split(" ").includes(rule.value)) && (!safety.value || level === safety.value));
    }
    const all = !rule.value && !safety.value;
    for (const file of files) file.hidden = !all && !file.querySelector(".finding:not([hidden])");
    const shown = findings.filter((finding) => !finding.hidden).length;
    controls.querySelector("output").textContent = all ? "" : `${shown} of ${findings.length} findings`;
  };
  rule.addEventListener("change", filter);
  safety.addEventListener("change", filter);
  controls.addEventListener("submit", (event) => event.preventDefault());
  open.addEventListener("click", () => files.forEach((file) => { file.open = true; }));
  close.addEventListener("click", () => files.forEach((file) => { file.open = false; }));
  const reveal = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (!target) return;
    for (let at = target; at; at = at.parentElement) if (at.tagName === "DETAILS") at.open = true;
    target.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();
  addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("select, input")) return;
    const step = { j: 1, k: -1 }[event.key];
    if (!step) return;
    const shown = findings.filter((finding) => !finding.hidden);
    const at = shown.indexOf(document.activeElement.closest(".finding"));
    const next = shown[at < 0 ? (step > 0 ? 0 : shown.length - 1) : at + step];
    if (!next) return;
    next.closest("details").open = true;
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  });
})();
