"""How pages and slides load MathJax: in parts, only those that our formulas need."""

SCRIPT = "mathjax/startup.js"  # below _static
SETTINGS = {
    "loader": {
        # the last one: a hidden MathML copy for screen readers
        "load": ["core", "input/tex-base", "[tex]/ams", "output/chtml", "a11y/assistive-mml"]
    },
    "tex": {"packages": ["base", "ams"]},
}
